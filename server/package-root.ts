import { readFileSync } from "node:fs";

/** The folder of this package's package.json: the same from `server/` and from `dist/server/`. */
export const packageRoot = findPackageRoot(new URL(".", import.meta.url));

export const version: string = JSON.parse(readFileSync(new URL("package.json", packageRoot), "utf8")).version;

function findPackageRoot(folder: URL): URL {
  try {
    readFileSync(new URL("package.json", folder));
    return folder;
  } catch (error) {
    const parent = new URL("..", folder);
    if (parent.href === folder.href) throw error;
    return findPackageRoot(parent);
  }
}
