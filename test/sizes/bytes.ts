import { brotliCompressSync, gzipSync } from "node:zlib";

/** What code weighs, in bytes. */
export interface Bytes {
  raw: number;
  gzip: number;
  brotli: number;
}

/** The same measure for everybody's code: zlib's best, as a server that compresses once would have it. */
export const bytesOf = (code: Buffer): Bytes => ({
  raw: code.byteLength,
  gzip: gzipSync(code, { level: 9 }).byteLength,
  brotli: brotliCompressSync(code).byteLength,
});

export const inWords = (bytes: number) => bytes.toLocaleString("en");
