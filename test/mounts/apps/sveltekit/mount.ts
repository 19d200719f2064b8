import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "SvelteKit",
  folder: import.meta.dirname,
  libraries: "sveltekit",
  framework: "@sveltejs/kit",
  build: [["vite", "build"]],
  alone: "build",
  start: ["node", "index.js"],
  source: "src/routes/identity/[...path]/+server.js",
  know: "Tried with `adapter-node` and everything bundled (`ssr: { noExternal: true }`). The file is run by `vite build` too, so the exchange is made with the first request. Pages need no setting of SvelteKit; `POST /token`, a form that servers send, is refused by it unless `csrf.trustedOrigins` allows that for the whole site. Behind a proxy the address is `adapter-node`'s: `ADDRESS_HEADER` and `XFF_DEPTH`, and `VAMBE_TRUST_PROXY` stays 0.",
  unknownPath: "exchange",
};
