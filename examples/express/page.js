import { USERS } from "./users.js";

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
/** Inside a script, every `<` has to go; HTML escaping would be wrong there. */
const escapeScript = (value) => JSON.stringify(value).replaceAll("<", "\\u003c");

/** The page of `user`, or of nobody. `known` is what the chat is told: `{ id, proof }`, or `null`. */
export function accountPage(user, known) {
  const options = USERS.map(
    ({ id, name }) => `<option value="${escapeHtml(id)}">${escapeHtml(name)}</option>`,
  );
  const account = user
    ? `<p>You are signed in as <b>${escapeHtml(user.name)}</b>, plan ${escapeHtml(user.plan)}.</p>
  <form method="post" action="/logout"><button>Log out</button></form>`
    : "<p>Nobody is signed in.</p>";

  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Express</title>
<style>
  :root { color-scheme: light dark; background: light-dark(#f6f4ef, #15191e); font: 1rem/1.5 system-ui, sans-serif }
  body { margin: 0; padding: 0 1rem }
  main { max-width: 30rem; margin: 3rem auto 6rem; padding: 1.5rem; border-radius: 12px; background: light-dark(#fff, #1e252c) }
  h1 { margin: 0 0 1rem; font-size: 1.5rem }
  form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 1rem 0 }
  button, select { font: inherit; padding: .35rem .8rem; border: 1px solid light-dark(#a59d8f, #5b6874); border-radius: 8px; background: none; color: inherit }
  [role=status] { margin: 1.5rem 0 0; padding: .75rem 1rem; border-radius: 8px; background: light-dark(#f1eee7, #29323b) }
</style>
<script>typeof VambeIdentify === "function" || (window.VambeIdentify = Object.assign((...call) => void (VambeIdentify.q ??= []).push(call), { current: null, reset: () => VambeIdentify(null) }))</script>
<script async src="/identity/vambe-identity.js" data-badge="bottom-left"></script>
<main>
  <h1>Express</h1>
  ${account}
  <form method="post" action="/login">
    <label for="user">Sign in as</label>
    <select id="user" name="user">${options.join("")}</select>
    <button>Log in</button>
  </form>
  <p id="chat" role="status">The chat knows nobody.</p>
</main>
<script>
  addEventListener("vambe:identified", ({ detail }) => {
    document.getElementById("chat").textContent =
      "The chat knows " + detail.id + (detail.verified ? ", verified." : ".");
  });
  VambeIdentify(${escapeScript(known)}, {
    getProof: () => fetch("/vambe-proof").then((answer) => answer.ok ? answer.text() : Promise.reject(answer.status)),
  });
</script>
</html>
`;
}
