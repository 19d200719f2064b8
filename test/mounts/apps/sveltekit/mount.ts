import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "SvelteKit",
  folder: import.meta.dirname,
  libraries: "sveltekit",
  framework: "@sveltejs/kit",
  build: [["vite", "build"]],
  alone: "build",
  start: ["node", "index.js"],
  source: ["src/routes/identity/[...path]/+server.js", "svelte.config.js"],
  know: "Tried with `adapter-node` and everything bundled (`ssr: { noExternal: true }`). SvelteKit refuses forms of other origins, so also `POST /token`: `trustedOrigins` lets them through, and the exchange looks at the origin itself. Behind a proxy the address is `adapter-node`'s: `ADDRESS_HEADER` and `XFF_DEPTH`, and `VAMBE_TRUST_PROXY` stays 0.",
  unknownPath: "exchange",
};
