import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { extname } from "node:path";

const TYPES = {
  ".ts": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
} as const;

export interface PageFile {
  type: string;
  content: string;
}

/** The files that a browser gets, by name. TypeScript loses its types here, so the demo's pages need no build. */
export function readPageFolder(folder: URL): ReadonlyMap<string, PageFile> {
  const read = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const extension = extname(name);
    if (!(extension in TYPES)) continue;
    const source = readFileSync(new URL(name, folder), "utf8");
    read.set(name, {
      type: TYPES[extension as keyof typeof TYPES],
      content: extension === ".ts" ? stripTypeScriptTypes(source) : source,
    });
  }
  return read;
}
