import { brotliDecompressSync, gzipSync } from "node:zlib";
import { version, widgetFiles } from "#built-in";
import type { BuiltFile } from "../build/built-file.ts";

/** The plain name follows an update within minutes; a name with a version in it stays what it is for ever. */
export const FRESH = "public, max-age=300, stale-while-revalidate=86400";
const FOREVER = "public, max-age=31536000, immutable";

export interface WidgetFile {
  /** Its bytes as they are sent. */
  body(encoding: Encoding): Uint8Array<ArrayBuffer>;
  etag: string;
  /** For the `integrity` attribute of a script tag. */
  integrity: string;
  cacheControl: string;
}

export type Encoding = "br" | "gzip" | "identity";

export type WidgetFiles = ReadonlyMap<string, WidgetFile>;

/** The widget, which is built into the code, by the names under which pages fetch it. */
export function openWidgetFiles(): WidgetFiles {
  const files = new Map<string, WidgetFile>();
  for (const [name, built] of Object.entries(widgetFiles)) {
    const { etag, integrity } = built;
    const file = { body: bodiesOf(built), etag, integrity };
    files.set(`${name}.js`, { ...file, cacheControl: FRESH });
    files.set(`${name}-${version}.js`, { ...file, cacheControl: FOREVER });
  }
  return files;
}

/** Each is made at its first use, and kept: mostly browsers ask for brotli, which is there. */
function bodiesOf({ br }: BuiltFile): WidgetFile["body"] {
  const compressed = Buffer.from(br, "base64");
  const made: Partial<Record<Encoding, Uint8Array<ArrayBuffer>>> = {};
  const make = {
    br: () => compressed,
    gzip: () => gzipSync(make.identity(), { level: 9 }),
    identity: () => brotliDecompressSync(compressed),
  };
  return (encoding) => {
    made[encoding] ??= new Uint8Array(make[encoding]());
    return made[encoding];
  };
}
