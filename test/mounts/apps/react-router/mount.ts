import type { Mount } from "../../harness/mount.ts";

export const mount: Mount = {
  name: "React Router",
  folder: import.meta.dirname,
  libraries: "react-router",
  framework: "react-router",
  build: [["react-router", "build"]],
  start: ["react-router-serve", "build/server/index.js"],
  source: ["app/routes/identity.js", "app/routes.js"],
  know: "Framework mode. `react-router-serve` tells no address: set `VAMBE_TRUST_PROXY` to the number of proxies in front. An app that has its own Express server mounts the exchange there, as Express does, and has the address. Its compression leaves alone what the exchange has compressed.",
  unknownPath: "exchange",
  addressInHeader: true,
};
