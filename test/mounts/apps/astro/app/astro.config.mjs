import node from "@astrojs/node";
import { defineConfig } from "astro/config";

export default defineConfig({
  output: "server",
  adapter: node({ mode: "standalone" }),
  // For POST /token, which servers send: a form without an origin of this site.
  security: { checkOrigin: false },
});
