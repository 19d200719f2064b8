/**
 * After the compiler, `npm run build`: of the declarations only those stay that an entry of the package leads to, and each
 * has a copy for CommonJS, whose compilers would take them for those of a module that has to be imported. Of types alone
 * there is that copy and no other: modules may refer to it too, and not the other way round.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = `${ROOT}dist/types`;
/** Both quotes stay as they are: `from "./other.ts"`, `import("./other.ts")`. */
const RELATIVE = /((?:from |import\()")(\.[^"]+?)\.(?:tsx?|js)(")/g;

/** What an app finds at run time; `export {}` is nothing. */
const VALUE = /^export (?!interface |type |\{\})/m;
const ANOTHER_PACKAGE = /(?:from |import\()"[^.]/;

const declared = (path: string): string =>
  readFileSync(path, "utf8").replace(/^\/\/# sourceMappingURL.*$/m, "");

const namedIn = (path: string): string[] =>
  [...declared(path).matchAll(RELATIVE)].map(([, , other = ""]) => join(dirname(path), `${other}.d.ts`));

/** The declarations that these lead to, themselves among them. */
function reachedFrom(entries: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const other of namedIn(path)) visit(other);
  };
  for (const entry of entries) visit(entry);
  return reached;
}

const { exports } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
const entries = Object.values<{ import?: { types?: string } }>(exports).flatMap(
  (entry) => entry.import?.types ?? [],
);
const reached = reachedFrom(entries.map((path) => join(ROOT, path)));

for (const file of readdirSync(FOLDER, { recursive: true, withFileTypes: true })) {
  const path = join(file.parentPath, file.name);
  if (file.isFile() && !reached.has(path)) rmSync(path);
}

/** Whether it has types alone, and so have those that it leads to. */
const hasTypesAlone = (path: string): boolean =>
  [...reachedFrom([path])].every(
    (each) => !VALUE.test(declared(each)) && !ANOTHER_PACKAGE.test(declared(each)),
  );

const shared = new Set([...reached].filter(hasTypesAlone));
const texts = [...reached].map((path) => ({ path, text: declared(path) }));

for (const { path, text } of texts) {
  const forModules = text.replace(RELATIVE, (_, before: string, other: string, after: string) => {
    const end = shared.has(join(dirname(path), `${other}.d.ts`)) ? "cjs" : "js";
    return `${before}${other}.${end}${after}`;
  });
  if (shared.has(path)) rmSync(path);
  else writeFileSync(path, forModules);
  writeFileSync(path.replace(/\.ts$/, ".cts"), text.replace(RELATIVE, "$1$2.cjs$3"));
}
