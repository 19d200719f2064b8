import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { packageRoot, version } from "../package-root.ts";

const NAMES = [
  "vambe-identity",
  "vambe-identity-badge",
  "vambe-identity-chat",
  "vambe-identity-gate",
  "vambe-identity-inspector",
  "vambe-identity-tend",
];
/** The plain name follows an update within minutes; a name with a version in it stays what it is for ever. */
export const FRESH = "public, max-age=300, stale-while-revalidate=86400";
const FOREVER = "public, max-age=31536000, immutable";

export interface WidgetFile {
  encodings: Record<Encoding, Uint8Array<ArrayBuffer>>;
  etag: string;
  /** For the `integrity` attribute of a script tag. */
  integrity: string;
  cacheControl: string;
}

export type Encoding = "br" | "gzip" | "identity";

export type WidgetFiles = ReadonlyMap<string, WidgetFile>;

/** Reads the built widget and compresses it, once. @throws where it has not been built. */
export function readWidgetFiles(): WidgetFiles {
  const files = new Map<string, WidgetFile>();
  for (const name of NAMES) {
    const bytes = readFileSync(new URL(`dist/widget/${name}.js`, packageRoot));
    const file = {
      encodings: {
        br: new Uint8Array(brotliCompressSync(bytes)),
        gzip: new Uint8Array(gzipSync(bytes, { level: 9 })),
        identity: new Uint8Array(bytes),
      },
      etag: createHash("sha256").update(bytes).digest("base64url").slice(0, 22),
      integrity: `sha384-${createHash("sha384").update(bytes).digest("base64")}`,
    };
    files.set(`${name}.js`, { ...file, cacheControl: FRESH });
    files.set(`${name}-${version}.js`, { ...file, cacheControl: FOREVER });
  }
  return files;
}
