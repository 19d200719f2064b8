import { VambeIdentityScript } from "vambe-identity/next/script";

/** Everything that the component can be told. */
export default function Page() {
  return (
    <VambeIdentityScript
      src="/identity/vambe-identity.js"
      server="/identity"
      badge="bottom-left"
      lang="pt"
      theme="dark"
      words={{ known: "Olá" }}
      signOut
      credentials="include"
      webchat={{ client: "client-1", wait: 900, unverified: true }}
      consent="required"
      debug="top-left"
      nonce="abc123"
      integrity="sha384-xyz"
    />
  );
}
