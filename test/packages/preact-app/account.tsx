/** @jsxImportSource preact */
import { useVambeIdentity } from "vambe-identity/preact";

async function getProof() {
  const response = await fetch("/vambe-proof", { method: "POST" });
  if (!response.ok) throw new Error(`no proof: ${response.status}`);
  return response.text();
}

/** `null`: nobody is signed in. `undefined`: not known yet. */
type SignedIn = { id: string; name: string; plan: string } | null | undefined;

export function Account({ user }: { user: SignedIn }) {
  const { status, identity, error } = useVambeIdentity(user, {
    getProof,
    server: "https://id.example.com",
  });
  if (status === "identified") return <p>The chat knows {identity.id}.</p>;
  if (status === "failed") return <p>The chat does not know you: {error.code}</p>;
  return <p>{status === "identifying" ? "One moment…" : "The chat knows nobody."}</p>;
}
