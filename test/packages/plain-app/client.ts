import { signedIn, signedOut } from "./identity.ts";

addEventListener("hashchange", async () => {
  if (location.hash === "#out") return signedOut();
  const id = location.hash.slice(1);
  await fetch(`/login/${id}`, { method: "POST" });
  signedIn({ id, name: "Jane Doe", plan: "premium" });
});
