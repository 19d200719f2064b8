import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type App, FRAMEWORKS, type Framework } from "./frameworks.ts";
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
export function writeApp(app: string, name: Framework, exchange: string): void {
  const { folder, libraries, vite, compiler }: App = FRAMEWORKS[name];
  cpSync(fileURLToPath(new URL(folder, import.meta.url)), app, { recursive: true });
  for (const file of readdirSync(app).filter((entry) => statSync(join(app, entry)).isFile())) {
    const text = readFileSync(join(app, file), "utf8");
    writeFileSync(join(app, file), text.replace("https://id.example.com", exchange));
    const script = /^<script[^>]* lang="ts">\n(.*?)^<\/script>/ms.exec(text)?.[1];
    if (script) writeFileSync(join(app, `${file}.script.ts`), script);
  }
  const compilerOptions = { ...COMPILER, ...compiler };
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", type: "module" }));
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*"] }));
  // Linked packages, as these are, would be bundled into the server.
  const external = libraries.map((library) => library.replace(/=.*/, ""));
  writeFileSync(join(app, "vite.config.js"), viteConfig(external, vite));
  run("tsc", ["-p", app], app);
}

const viteConfig = (external: string[], [imports = "", plugin = ""]: readonly string[] = []) => `${imports}
export default { ssr: { external: ${JSON.stringify(external)} }, plugins: [${plugin}] };
`;

/** What the app's server sends. Node finds the packages, as it does on any server. */
export function renderOnServer(app: string): string {
  run("vite", ["build", "--ssr", sourceOf(app, "server"), "--outDir", "server", "--logLevel", "error"], app);
  return run("node", ["server/server.js"], app).trim();
}

/**
 * Builds the app for the browser, around what the server has rendered. Only in development does strict mode run
 * effects twice, and is a faulty hydration named. Returns the folder to serve.
 */
export function buildPage(
  { app, framework }: { app: string; framework: Framework },
  outDir: string,
  { rendered = "", development = false } = {},
): string {
  const { shell }: App = FRAMEWORKS[framework];
  // Angular's server writes the app's own element, and beside it what hydration reads.
  const root = shell ? rendered || shell : `<div id="root">${rendered}</div>`;
  const html = `<!doctype html>
<html lang="en">
  <head><title>Shop</title><link rel="icon" href="data:," /></head>
  <body>${root}<script type="module" src="/${sourceOf(app, "client")}"></script></body>
</html>`;
  writeFileSync(join(app, "index.html"), html);
  const NODE_ENV = development ? "development" : "production";
  run("vite", ["build", "--outDir", outDir, "--logLevel", "error"], app, { NODE_ENV });
  return join(app, outDir);
}

const sourceOf = (app: string, name: string) =>
  existsSync(join(app, `${name}.tsx`)) ? `${name}.tsx` : `${name}.ts`;
