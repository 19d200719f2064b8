/**
 * `npm run size`: what each bundle in dist/widget weighs. Fails where one is above its budget (package.json,
 * brotli bytes), and where the README states another number than the measured one, as in
 * `<!-- size:script -->2,345<!-- /size -->`.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FILES: Record<string, string> = {
  script: "vambe-identity.js",
  badge: "vambe-identity-badge.js",
  inspector: "vambe-identity-inspector.js",
};

const { vambeIdentity } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
const budgets: Record<string, number> = vambeIdentity.budgets;
const readme = existsSync(`${ROOT}README.md`) ? readFileSync(`${ROOT}README.md`, "utf8") : "";

const faults: string[] = [];
const measured: Record<string, string> = {};
const inWords = (bytes: number) => bytes.toLocaleString("en");
const row = (...cells: string[]) =>
  console.log(cells.map((cell, at) => (at ? cell.padStart(10) : cell.padEnd(26))).join(""));

row("bytes", "raw", "gzip", "brotli", "budget");
for (const [bundle, file] of Object.entries(FILES)) {
  const path = `${ROOT}dist/widget/${file}`;
  if (!existsSync(path)) {
    faults.push(`dist/widget/${file} is not there: run npm run build first`);
    continue;
  }
  const code = readFileSync(path);
  const brotli = brotliCompressSync(code).byteLength;
  const budget = budgets[bundle] ?? 0;
  measured[bundle] = inWords(brotli);
  row(file, ...[code.byteLength, gzipSync(code, { level: 9 }).byteLength, brotli, budget].map(inWords));
  if (brotli > budget) faults.push(`${file} is ${inWords(brotli - budget)} bytes above its budget`);
}

for (const [, bundle = "", stated] of readme.matchAll(/<!-- size:(\w+) -->(.*?)<!-- \/size -->/gs)) {
  if (stated !== measured[bundle])
    faults.push(`README.md says ${stated} for ${bundle}, not ${measured[bundle]}`);
}

for (const fault of faults) console.error(`✗ ${fault}`);
if (faults.length > 0) process.exitCode = 1;
