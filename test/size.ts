/**
 * `npm run size`: what each bundle in dist/widget weighs, and what each client adds to an app. Fails where a bundle is
 * above its budget (package.json, brotli bytes), and where docs/reference/page.md or docs/size.md states another number than the
 * measured one, as in `<!-- size:script -->2,345<!-- /size -->`; `npm run size -- --write` mends the texts.
 * `npm run size -- --peers` fetches the peers' packages from the npm registry, measures them likewise, and prints both
 * as the table of docs/size.md.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { weighApps } from "./sizes/apps.ts";
import { type Bytes, bytesOf, inWords } from "./sizes/bytes.ts";
import { weighPeers } from "./sizes/fetch-peers.ts";
import { PEERS } from "./sizes/peers.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FILES: Record<string, string> = {
  script: "vambe-identity.js",
  badge: "vambe-identity-badge.js",
  chat: "vambe-identity-chat.js",
  gate: "vambe-identity-gate.js",
  tend: "vambe-identity-tend.js",
  inspector: "vambe-identity-inspector.js",
};
const TEXTS = ["docs/reference/page.md", "docs/size.md"];

const { vambeIdentity } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
const budgets: Record<string, number> = vambeIdentity.budgets;

const faults: string[] = [];
const measured: Record<string, string> = {};
const row = (...cells: string[]) =>
  console.log(cells.map((cell, at) => (at ? cell.padStart(10) : cell.padEnd(34))).join(""));

row("bytes", "raw", "gzip", "brotli", "budget");
for (const [bundle, file] of Object.entries(FILES)) {
  const path = `${ROOT}dist/widget/${file}`;
  if (!existsSync(path)) {
    faults.push(`dist/widget/${file} is not there: run npm run build first`);
    continue;
  }
  const { raw, gzip, brotli } = note(bundle, bytesOf(readFileSync(path)));
  const budget = budgets[bundle] ?? 0;
  row(file, ...[raw, gzip, brotli, budget].map(inWords));
  if (brotli > budget) faults.push(`${file} is ${inWords(brotli - budget)} bytes above its budget`);
}

if (existsSync(`${ROOT}dist/module`)) {
  console.log();
  row("added to a Vite app by", "raw", "gzip", "brotli");
  for (const { framework, name, added } of await weighApps(ROOT)) {
    const { raw, gzip, brotli } = note(framework, added);
    row(`vambe-identity/${framework} (${name})`, ...[raw, gzip, brotli].map(inWords));
  }
} else {
  faults.push("dist/module is not there: run npm run build first");
}

for (const name of TEXTS) {
  const text = readFileSync(ROOT + name, "utf8");
  const right = text.replace(
    /(<!-- size:(\w+) -->)(.*?)(<!-- \/size -->)/gs,
    (_, before, key, stated, after) => {
      if (stated !== measured[key]) faults.push(`${name} says ${stated} for ${key}, not ${measured[key]}`);
      return before + measured[key] + after;
    },
  );
  if (process.argv.includes("--write")) {
    writeFileSync(ROOT + name, right);
    faults.length = 0;
  }
}

if (process.argv.includes("--peers")) await comparePeers();

for (const fault of faults) console.error(`✗ ${fault}`);
if (faults.length > 0) process.exitCode = 1;

function note(what: string, bytes: Bytes): Bytes {
  measured[what] = inWords(bytes.brotli);
  measured[`${what}_raw`] = inWords(bytes.raw);
  measured[`${what}_gzip`] = inWords(bytes.gzip);
  return bytes;
}

/** Prints the table's rows, and finds fault with those that docs/size.md does not have. */
async function comparePeers(): Promise<void> {
  const stated = readFileSync(`${ROOT}docs/size.md`, "utf8");
  const cells = ({ raw, gzip, brotli }: Bytes) => [raw, gzip, brotli].map(inWords).join(" | ");
  console.log(
    "\n| package | measured | raw | gzip | brotli | what it does |\n| --- | --- | ---: | ---: | ---: | --- |",
  );
  for (const { name, version, load, loader, bytes, does } of await weighPeers(PEERS)) {
    const file = "file" in load ? `\`${load.file}\`` : "bundled";
    const line = `| \`${name}\` ${version} | ${file}${loader ? ", **loader**" : ""} | ${cells(bytes)} | ${does} |`;
    console.log(line);
    if (!stated.includes(line)) faults.push(`docs/size.md says something else of ${name}`);
  }
}
