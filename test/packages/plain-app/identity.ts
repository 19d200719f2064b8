import { configure, identify, mountBadge, reset, subscribe, type User } from "vambe-identity/widget";

configure({ server: "https://id.example.com" });
mountBadge({ placement: "bottom-left" });
subscribe(({ status, identity }) => {
  document.title = status === "identified" ? `Shop: ${identity.id}` : "Shop";
});

async function getProof() {
  const response = await fetch("/vambe-proof", { method: "POST" });
  if (!response.ok) throw new Error(`no proof: ${response.status}`);
  return response.text();
}

export function signedIn(user: User) {
  identify(user, { getProof }); // a promise, which may be ignored
}

export function signedOut() {
  reset();
}
