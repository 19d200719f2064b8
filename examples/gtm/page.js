const account = (user) =>
  user
    ? `<p>You are signed in as <b>${user.name}</b>, plan ${user.plan}.</p>
  <form method="post" action="/logout"><button>Log out</button></form>`
    : "<p>Nobody is signed in.</p>";

/** The page knows nothing of vambe-identity: it tells the data layer who is signed in, and the tag manager does the rest. */
export const accountPage = (user, users) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Google Tag Manager</title>
<script>
  window.dataLayer = window.dataLayer || [];
  dataLayer.push({ event: "vambe_user", vambe_user: ${JSON.stringify(user ? { id: user.id } : null)} });
</script>
<!-- Google's snippet. In your own page its address is https://www.googletagmanager.com/gtm.js -->
<script>(function(w,d,s,l,i){w[l]=w[l]||[];w[l].push({'gtm.start':
new Date().getTime(),event:'gtm.js'});var f=d.getElementsByTagName(s)[0],
j=d.createElement(s),dl=l!='dataLayer'?'&l='+l:'';j.async=true;j.src=
'/gtm.js?id='+i+dl;f.parentNode.insertBefore(j,f);
})(window,document,'script','dataLayer','GTM-EXAMPLE');</script>
<style>
  :root { color-scheme: light dark; background: light-dark(#f6f4ef, #15191e); font: 1rem/1.5 system-ui, sans-serif }
  body { margin: 0; padding: 0 1rem }
  main { max-width: 30rem; margin: 3rem auto 6rem; padding: 1.5rem; border-radius: 12px; background: light-dark(#fff, #1e252c) }
  h1 { margin: 0 0 1rem; font-size: 1.5rem }
  form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 1rem 0 }
  button, select { font: inherit; padding: .35rem .8rem; border: 1px solid light-dark(#a59d8f, #5b6874); border-radius: 8px; background: none; color: inherit }
  [role=status] { margin: 1.5rem 0 0; padding: .75rem 1rem; border-radius: 8px; background: light-dark(#f1eee7, #29323b) }
</style>
<main>
  <h1>Google Tag Manager</h1>
  ${account(user)}
  <form method="post" action="/login">
    <label for="user">Sign in as</label>
    <select id="user" name="user">${users.map(({ id, name }) => `<option value="${id}">${name}</option>`).join("")}</select>
    <button>Log in</button>
  </form>
  <p id="chat" role="status">The chat knows nobody.</p>
</main>
<script>
  addEventListener("vambe:identified", ({ detail }) => {
    document.getElementById("chat").textContent =
      "The chat knows " + detail.id + (detail.verified ? ", verified." : ".");
  });
</script>
</html>
`;
