import { type Stats, statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { servedBy } from "../../ledger/sqlite/serving-lock.ts";
import { check } from "../check.ts";
import { type Finding, failed, ok, skipped, warning } from "../finding.ts";
import { NotTold } from "../limits.ts";
import { sqliteFileOf } from "./sqlite.ts";

const OTHERS = 0o077;
const MIB = 1024 * 1024;
/** From here on an operator should make room, and here nothing may be stored any more at any moment. Bytes. */
const LITTLE = 512 * MIB;
const NEXT_TO_NOTHING = 32 * MIB;

/** The file, before anybody opens it. @throws {NotTold} where there is none */
function fileIn(databaseUrl: string): { path: string; stats: Stats } {
  const path = sqliteFileOf(databaseUrl);
  if (path === undefined) throw new NotTold("there is no file of this machine's to look at");
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new NotTold("there is no file yet");
  return { path: resolve(path), stats };
}

/** Whose the file is, and who else may read it. */
export const fileOwner = check({
  name: "owner and modes",
  needs: ["databaseUrl"],
  look: ({ databaseUrl }): Finding => {
    const name = "owner and modes";
    const { path, stats } = fileIn(databaseUrl);
    if (process.platform === "win32") return skipped(name, "Windows has other ones");
    const mode = (stats.mode & 0o777).toString(8);
    if (stats.uid !== process.geteuid?.()) {
      return warning(
        name,
        `the file belongs to account ${stats.uid}, and this command runs as account ${process.geteuid?.()}`,
        "run doctor as the exchange's own account, or what it says of files and rights is not what holds for the exchange",
      );
    }
    if (stats.mode & OTHERS) {
      return warning(
        name,
        `other accounts of this machine may read user ids and the signing key: its mode is ${mode}`,
        `run chmod 600 ${path}`,
      );
    }
    return ok(name, `account ${stats.uid} alone, mode ${mode}`);
  },
});

/** Kinds of file system, by the number that the system gives them (statfs(2)). */
const LOST = new Map([
  [0x01021994, "memory (tmpfs): what waits is lost at the next start of this machine"],
  [0x858458f6, "memory (ramfs): what waits is lost at the next start of this machine"],
  [0x794c7630, "a container's own layer (overlayfs): what waits is lost with the container"],
]);
const OVER_A_NETWORK = new Map([
  [0x6969, "NFS"],
  [0xff534d42, "SMB"],
  [0xfe534d42, "SMB"],
]);

/** Whether what is stored stays: not of a medium that forgets, nor where SQLite's locks mean nothing. */
export const fileDurable = check({
  name: "durable",
  needs: ["databaseUrl"],
  look: async ({ databaseUrl }): Promise<Finding> => {
    const name = "durable";
    const { path } = fileIn(databaseUrl);
    const { type } = await statfs(dirname(path));
    const lost = LOST.get(type);
    if (lost) return warning(name, `the file is in ${lost}`, "put it on a disk or a volume that stays");
    const network = OVER_A_NETWORK.get(type);
    if (network) {
      return failed(
        name,
        `the file is on a network's disk (${network}), where SQLite's locks cannot be relied on: it may be damaged`,
        "put it on a disk of this machine, or use PostgreSQL",
      );
    }
    return ok(name, "each commit is on the disk before it is answered (synchronous=FULL, write-ahead log)");
  },
});

export const fileSpace = check({
  name: "free space",
  needs: ["databaseUrl"],
  look: async ({ databaseUrl }): Promise<Finding> => {
    const name = "free space";
    const path = sqliteFileOf(databaseUrl);
    if (path === undefined) throw new NotTold("is the database server's, and not to be seen from here");
    const folder = dirname(resolve(path));
    const { bavail, bsize } = await statfs(folder).catch(() => {
      throw new NotTold("there is no such folder");
    });
    const free = bavail * bsize;
    const says = `${Math.floor(free / MIB)} MiB are free in ${folder}`;
    const remedy = "make room: on a full disk nobody can be identified any more";
    if (free < NEXT_TO_NOTHING) return failed(name, says, remedy);
    return free < LITTLE ? warning(name, says, remedy) : ok(name, says);
  },
});

export const fileServed = check({
  name: "served",
  needs: ["databaseUrl"],
  look: ({ databaseUrl }): Finding => {
    const { path } = fileIn(databaseUrl);
    const process = servedBy(path);
    return process === undefined
      ? skipped("served", "no exchange delivers from it at present")
      : ok("served", `an exchange (process ${process}) delivers from it at present`);
  },
});
