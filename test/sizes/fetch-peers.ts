import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Bytes, bytesOf } from "./bytes.ts";
import type { Peer } from "./peers.ts";

const run = promisify(execFile);

export interface WeighedPeer extends Peer {
  bytes: Bytes;
}

/**
 * Fetches the peers' packages from the npm registry into a folder that is gone afterwards, and weighs what a page
 * would load. Nothing of theirs is run.
 */
export async function weighPeers(peers: readonly Peer[]): Promise<WeighedPeer[]> {
  using folder = temporaryFolder();
  const weighed: WeighedPeer[] = [];
  for (const peer of peers) {
    const at = folder.file(join("node_modules", peer.name));
    await unpack(peer, at, folder.file("."));
    const code =
      "file" in peer.load
        ? readFileSync(join(at, peer.load.file))
        : await bundle(peer.load.bundle, folder.file("."));
    weighed.push({ ...peer, bytes: bytesOf(code) });
  }
  return weighed.sort((one, other) => one.bytes.brotli - other.bytes.brotli);
}

async function unpack({ name, version }: Peer, into: string, folder: string): Promise<void> {
  mkdirSync(into, { recursive: true });
  const { stdout } = await run("npm", ["pack", "--silent", "--ignore-scripts", `${name}@${version}`], {
    cwd: folder,
  });
  const tarball = join(folder, stdout.trim());
  if (!existsSync(tarball)) throw new Error(`${name}@${version} could not be fetched`);
  await run("tar", ["-xzf", tarball, "-C", into, "--strip-components=1"]);
}

/** A page's own code and the package in it, as a site with a bundler would ship it. */
async function bundle(code: string, root: string): Promise<Buffer> {
  const entry = join(root, "entry.js");
  writeFileSync(entry, code);
  const result = await build({
    root,
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: "terser",
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: entry, output: { codeSplitting: false } },
    },
  });
  const [first] = Array.isArray(result) ? result : [result];
  const [chunk] = first && "output" in first ? first.output : [];
  if (chunk?.type !== "chunk") throw new Error("the bundle was not built");
  return Buffer.from(chunk.code);
}
