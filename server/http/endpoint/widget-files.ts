import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { packageRoot, version } from "../../package-root.ts";

const NAMES = ["vambe-identity", "vambe-identity-badge", "vambe-identity-inspector"];
/** The plain name follows an update within minutes; a name with a version in it stays what it is for ever. */
const FRESH = "public, max-age=300, stale-while-revalidate=86400";
const FOREVER = "public, max-age=31536000, immutable";

interface WidgetFile {
  encodings: Record<Encoding, Uint8Array<ArrayBuffer>>;
  etag: string;
  /** For the `integrity` attribute of a script tag. */
  integrity: string;
  cacheControl: string;
}

type Encoding = "br" | "gzip" | "identity";

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

/**
 * Answers a GET for one of the files: the best encoding that the browser takes, or 304.
 * @param always headers that every answer has
 */
export function serveWidgetFile(
  file: WidgetFile,
  request: Request,
  always: Readonly<Record<string, string>>,
): Response {
  const encoding = chooseEncoding(request.headers.get("accept-encoding") ?? "");
  const etag = `"${file.etag}-${encoding}"`;
  const headers: Record<string, string> = {
    ...always,
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "timing-allow-origin": "*",
    "cache-control": file.cacheControl,
    vary: "Accept-Encoding",
    etag,
  };
  const known = request.headers
    .get("if-none-match")
    ?.split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""));
  if (known?.includes(etag)) return new Response(null, { status: 304, headers });
  if (encoding !== "identity") headers["content-encoding"] = encoding;
  headers["content-type"] = "text/javascript; charset=utf-8";
  return new Response(file.encodings[encoding], { headers });
}

function chooseEncoding(accepted: string): Encoding {
  const names = accepted
    .split(",")
    .filter((item) => !/;\s*q=0(\.0*)?\s*$/.test(item))
    .map((item) => item.split(";", 1)[0]?.trim());
  return names.includes("br") ? "br" : names.includes("gzip") ? "gzip" : "identity";
}
