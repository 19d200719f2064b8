import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./packed.ts";

/** The compiler as a new app sets it up, but for `skipLibCheck`: types that come with a package are checked too. */
export const COMPILER = {
  target: "es2022",
  lib: ["es2022", "dom", "dom.iterable"],
  types: [],
  module: "esnext",
  moduleResolution: "bundler",
  jsx: "react-jsx",
  allowImportingTsExtensions: true,
  strict: true,
  skipLibCheck: false,
  noEmit: true,
};

/** Puts an app's source beside the installed packages, and has its types checked. */
export function writeApp(app: string, name: "react" | "preact" | "plain", exchange: string): void {
  cpSync(fileURLToPath(new URL(`${name}-app`, import.meta.url)), app, { recursive: true });
  const file = join(app, name === "plain" ? "identity.ts" : "account.tsx");
  writeFileSync(file, readFileSync(file, "utf8").replace("https://id.example.com", exchange));
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", type: "module" }));
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER, include: ["*"] }));
  // Linked packages, as these are, would be bundled into the server.
  const external = ["react", "react-dom", "preact", "preact-render-to-string"];
  writeFileSync(join(app, "vite.config.js"), `export default ${JSON.stringify({ ssr: { external } })}`);
  run("tsc", ["-p", app], app);
}

/** What the app's server sends. Node finds the packages, as it does on any server. */
export function renderOnServer(app: string): string {
  run("vite", ["build", "--ssr", "server.tsx", "--outDir", "server", "--logLevel", "error"], app);
  return run("node", ["server/server.js"], app).trim();
}

/**
 * Builds the app for the browser, around what the server has rendered. Only in development does strict mode run
 * effects twice, and is a faulty hydration named. Returns the folder to serve.
 */
export function buildPage(app: string, outDir: string, { rendered = "", development = false } = {}): string {
  const client = existsSync(join(app, "client.tsx")) ? "client.tsx" : "client.ts";
  const html = `<!doctype html>
<html lang="en">
  <head><title>Shop</title><link rel="icon" href="data:," /></head>
  <body><div id="root">${rendered}</div><script type="module" src="/${client}"></script></body>
</html>`;
  writeFileSync(join(app, "index.html"), html);
  const NODE_ENV = development ? "development" : "production";
  run("vite", ["build", "--outDir", outDir, "--logLevel", "error"], app, { NODE_ENV });
  return join(app, outDir);
}
