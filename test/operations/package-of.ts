import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createBuilder } from "vite";
import { run } from "../packages/packed.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Version {
  version: string;
  /** Text of a source file, by the end of its path; `undefined` leaves it as it is. */
  change?: Change;
}

type Change = (path: string, source: string) => string | undefined;

/** This version. */
export const PRESENT: Version = { version: JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")).version };

/** A later version that has only added to the schema of both databases. */
export const NEXT: Version = { version: `${PRESENT.version}-next`, change: addToSchema() };

/** A later version that older ones cannot work with. */
export const NEXT_ALONE: Version = {
  version: `${PRESENT.version}-alone`,
  change: addToSchema("MIGRATIONS.length"),
};

/**
 * The server as it stands in the sources, changed as a later version might change it, bundled and packed as it is
 * published. The widget is the one that was built last.
 * @returns the tarball's path
 */
export async function packVersion(folder: string, { version, change }: Version): Promise<string> {
  const staging = join(folder, `source-${version}`);
  mkdirSync(staging, { recursive: true });
  const changed = new Set<string>();
  const later = {
    name: "a-later-version",
    enforce: "pre" as const,
    transform(source: string, id: string) {
      const path = id.replace(ROOT, "");
      if (path === "dist/built-in.js") return replaced(source, /version = "[^"]+"/, `version = "${version}"`);
      const text = change?.(path, source);
      if (text !== undefined) changed.add(path);
      return text;
    },
  };
  const builder = await createBuilder(
    {
      root: ROOT,
      logLevel: "error",
      plugins: [later],
      environments: { server: { build: { outDir: join(staging, "dist/server") } } },
    },
    null,
  );
  const environment = builder.environments.server;
  if (!environment) throw new Error("there is no bundle called server");
  await builder.build(environment);
  if (change && changed.size === 0) throw new Error(`version ${version} is the same as this one`);
  const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
  writeFileSync(join(staging, "package.json"), JSON.stringify({ ...manifest, version, scripts: {} }));
  cpSync(join(ROOT, "LICENSE"), join(staging, "LICENSE"));
  run("npm", ["pack", "--pack-destination", folder], staging);
  return join(folder, `vambe-identity-${version}.tgz`);
}

/** One more migration, and what the schema is good for from then on: by itself, for whom it was good before. */
function addToSchema(needs?: string): Change {
  const table: Record<string, string> = {
    "server/ledger/sqlite/schema.ts": "contact",
    "server/ledger/postgres/schema.ts": "vambe_identity.contact",
  };
  return (path, source) => {
    const contact = table[path];
    if (contact === undefined) return undefined;
    const added = replaced(
      source,
      /\n\];\n/,
      `\n  \`ALTER TABLE ${contact} ADD COLUMN of_the_next_version integer NOT NULL DEFAULT 0\`,\n];\n`,
    );
    return needs === undefined ? added : replaced(added, /const NEEDS = \d+/, `const NEEDS = ${needs}`);
  };
}

function replaced(text: string, what: RegExp, by: string): string {
  if (!what.test(text)) throw new Error(`there is no ${what} any more`);
  return text.replace(what, () => by);
}
