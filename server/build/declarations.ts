/**
 * After the compiler, `npm run build`: of the declarations only those stay that an entry of the package leads to, and each
 * has a copy for CommonJS, whose compilers would take them for those of a module that has to be imported.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = `${ROOT}dist/types`;
/** Both quotes stay as they are: `from "./other.ts"`, `import("./other.ts")`. */
const RELATIVE = /((?:from |import\()")(\.[^"]+?)\.(?:tsx?|js)(")/g;

const declared = (path: string): string =>
  readFileSync(path, "utf8").replace(/^\/\/# sourceMappingURL.*$/m, "");

/** The declarations that these lead to, themselves among them. */
function reachedFrom(entries: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const visit = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const [, , other = ""] of declared(path).matchAll(RELATIVE))
      visit(join(dirname(path), `${other}.d.ts`));
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
for (const path of reached) {
  const text = declared(path);
  writeFileSync(path, text.replace(RELATIVE, "$1$2.js$3"));
  writeFileSync(path.replace(/\.ts$/, ".cts"), text.replace(RELATIVE, "$1$2.cjs$3"));
}
