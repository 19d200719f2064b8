import { execFileSync } from "node:child_process";
import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { reasonToSkip } from "../support/programs.ts";
import { rawRequest } from "../support/raw-request.ts";
import { openSite } from "./site.ts";

test("Vambe is down", async () => {
  await using site = await openSite();
  const { standIn } = site.vambe;
  await site.visited();
  standIn.setFault("down");
  expect(await site.signIn("waits", { name: "Jane Doe", plan: "premium" })).toBe("queued");
  await site.visited();
  await site.perform("Vambe is down", {
    elsewhere: { "When Vambe is back": () => standIn.setFault("normal") },
  });
  await site.visited();
  expect(await site.nobodyIsLost()).toEqual({ unanswered: 0 });
  await eventually("who waited has arrived", () =>
    standIn.contacts().some(({ external_user_id: id }) => id === "waits"),
  );
}, 600_000);

const missing = reasonToSkip("prlimit", "--version") ?? reasonToSkip("curl", "--version");
test.skipIf(missing)(
  `The disk is full${missing ? ` (skipped: ${missing})` : ""}`,
  async () => {
    let disk: (Disk & Disposable) | undefined;
    await using site = await openSite({
      prepare: (data) => {
        disk = smallDiskAt(data);
        return disk;
      },
    });
    const { port, service } = site.first;
    const { fill, makeRoom, says } = disk ?? limitOf(() => service.pid);
    await site.visited();
    fill();
    const isReady = async () => (await rawRequest(`http://127.0.0.1:${port}/readyz`)).status === 200;
    await eventually("it is not ready", async () => !(await isReady()), { withinMs: 120_000, everyMs: 200 });
    await site.perform("The disk is full", {
      values: { "127.0.0.1:8787": `127.0.0.1:${port}`, "the disk is full": says },
      elsewhere: { "Make room": makeRoom },
    });
    await eventually("it is ready again", isReady, { withinMs: 120_000, everyMs: 200 });
    await site.visited();
    await site.nobodyIsLost();
  },
  600_000,
);

interface Disk {
  fill(): void;
  makeRoom(): void;
  /** What the exchange says of it. */
  says: string;
}

/** A disk of its own with little room, where this account may mount one. */
function smallDiskAt(folder: string): (Disk & Disposable) | undefined {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  const filler = join(folder, "filler");
  return {
    fill: () => {
      try {
        for (;;) appendFileSync(filler, Buffer.alloc(4096));
      } catch (error) {
        if (!String(error).includes("ENOSPC")) throw error;
      }
    },
    makeRoom: () => rmSync(filler),
    says: "the disk is full",
    [Symbol.dispose]: () => execFileSync("umount", [folder]),
  };
}

/** Elsewhere the process may write no further into its files. */
function limitOf(pid: () => number | undefined): Disk {
  const limit = (bytes: string) =>
    void execFileSync("prlimit", [`--fsize=${bytes}:unlimited`, `--pid=${pid()}`]);
  return {
    fill: () => limit("4096"),
    makeRoom: () => limit("unlimited"),
    says: "the disk fails, or is full",
  };
}
