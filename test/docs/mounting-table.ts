import { readdirSync, readFileSync } from "node:fs";
import type { Setting } from "../../server/settings/setting.ts";
import { OPTIONS } from "../../server/settings/table.ts";
import { lockedVersion } from "../mounts/harness/libraries.ts";
import { type Mount, mountLines } from "../mounts/harness/mount.ts";

const ROOT = new URL("../../", import.meta.url);
const APPS = new URL("test/mounts/apps/", ROOT);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

/** Every app that `npm run test:mounts` runs, by its name. */
export async function allMounts(): Promise<Mount[]> {
  const mounts = await Promise.all(
    readdirSync(APPS).map(
      async (name): Promise<Mount> => (await import(new URL(`${name}/mount.ts`, APPS).href)).mount,
    ),
  );
  return mounts.sort((one, other) => plain(one.name).localeCompare(plain(other.name)));
}

/** Puts what the code has to say between the page's marks. */
export async function withMounts(page: string): Promise<string> {
  const mounts = await allMounts();
  const rows = [
    "| in | run with | what to know |",
    "| --- | --- | --- |",
    ...mounts.map((one) => rowOf(one)),
  ];
  const lines = mounts.map(linesOf);
  return [
    ["mounts", rows.join("\n")],
    ["lines", lines.join("\n\n")],
    ["options", optionsTable()],
  ].reduce((text, [name = "", made = ""]) => between(text, name, made), page);
}

/** @param version of a package: by the lock, unless somebody looks at what is installed */
export function rowOf({ name, framework, libraries, know }: Mount, version = lockedVersion): string {
  const versions = [framework ?? []]
    .flat()
    .map((one) => `${one.replace(/^(express)4$/, "$1")} ${version(libraries ?? "", one)}`);
  const run =
    versions.length > 0
      ? versions.join(", ")
      : `Node ${JSON.parse(read("package.json")).devDependencies.node}`;
  return `| [${name}](#${anchorOf(name)}) | ${run} | ${know} |`;
}

/** The lines that mount it, as they have run. */
export function linesOf(mount: Mount): string {
  const [first = ""] = [mount.source].flat();
  const language = first.replace(/^.*\./, "");
  return `### ${mount.name}\n\n\`\`\`${language}\n${mountLines(mount)}\n\`\`\``;
}

/** All options of `createExchange`: what an editor shows of each, and its variable. */
function optionsTable(): string {
  const text = read("server/settings/exchange-options.ts");
  const found = [...text.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s+(\w+)(\?)?: /gs)].filter(
    ([, , name = ""]) => name in OPTIONS,
  );
  const missing = Object.keys(OPTIONS).filter((option) => !found.some(([, , name]) => name === option));
  if (missing.length > 0) throw new Error(`server/settings/exchange-options.ts says nothing of ${missing}`);
  const table = Object.entries<Setting>(OPTIONS);
  const rows = found.map(([, doc = "", name = "", optional]) => {
    const variable = table.find(([option]) => option === name)?.[1].variable;
    const words = doc.replace(/\s*\n\s*\* ?/g, " ").trim();
    const needed = optional ? "" : "Required. ";
    return `| \`${name}\` | ${variable ? `\`${variable}\`` : "–"} | ${needed}${words.replaceAll("|", "\\|")} |`;
  });
  return ["| option | variable | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}

function between(text: string, name: string, made: string): string {
  const marked = new RegExp(`(<!-- ${name} -->\n).*?(\n<!-- /${name} -->)`, "s");
  if (!marked.test(text)) throw new Error(`the page has no marks <!-- ${name} -->`);
  return text.replace(marked, (_, before: string, after: string) => before + made + after);
}

const plain = (name: string) => name.replace(/[`:]/g, "").toLowerCase();
/** As GitHub makes it of a heading. */
const anchorOf = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-");
