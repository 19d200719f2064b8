import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import type { BuiltFile } from "./built-file.ts";

/** CommonJS gets the exchange by `require` of a module, which every Node that it runs on can do. */
export function writeForRequire(root: string): void {
  for (const name of ["index", "client", "next"])
    writeFileSync(`${root}dist/server/${name}.cjs`, `module.exports = require("./${name}.js");\n`);
}

/**
 * Writes the module `#built-in`: the built widget and the version as code, so that the server reads no file by its path
 * and can be bundled by whatever an app is bundled with.
 * @param root folder of package.json, with `/` at its end
 * @param names of the widget's files, without `.js`
 */
export function writeBuiltIn(root: string, names: readonly string[]): void {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const files = Object.fromEntries(names.map((name) => [name, built(`${root}dist/widget/${name}.js`)]));
  const code = `export const version = ${JSON.stringify(version)};\nexport const widgetFiles = ${JSON.stringify(files, null, 2)};\n`;
  writeFileSync(`${root}dist/built-in.js`, code);
}

/** Writes the module `#admin-script`: the script of the admin page as code. */
export function writeAdminScript(root: string): void {
  const script = built(`${root}dist/admin/browser.js`);
  writeFileSync(`${root}dist/admin/script.js`, `export const script = ${JSON.stringify(script, null, 2)};\n`);
}

function built(path: string): BuiltFile {
  const bytes = readFileSync(path);
  return {
    br: brotliCompressSync(bytes).toString("base64"),
    etag: createHash("sha256").update(bytes).digest("base64url").slice(0, 22),
    integrity: `sha384-${createHash("sha384").update(bytes).digest("base64")}`,
  };
}
