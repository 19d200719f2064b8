import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startWorld, type World } from "../support/world.ts";
import { identify, untilDelivered } from "./promises.ts";

const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };
const NOBODY = 65534;
/** As an account for which the permissions of files count: for root they do not. */
const withoutPrivileges =
  process.getuid?.() === 0
    ? { shell: `set -- setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups "$@"` }
    : {};

/** Restarts, and expects that to fail: in words, once, without a stack. */
async function cannotStart(world: World, words: RegExp, around = {}): Promise<void> {
  const before = world.exchange.output().length;
  await expect(world.exchange.restart({}, around)).rejects.toThrow(/has ended/);
  const output = world.exchange.output().slice(before);
  expect(output).toMatch(
    /vambe-identity cannot start\. The database \(VAMBE_DATABASE_URL\) cannot be used: /,
  );
  expect(output).toMatch(words);
  expect(output).not.toMatch(/^\s+at |Jane|jane/m);
}

describe.concurrent("a database that cannot be used at the start", { timeout: 120_000 }, () => {
  test("because it may only be read: a clear message, and what is in it stays", async () => {
    await using world = await startWorld();
    world.vambe.standIn.setFault("down");
    expect((await identify(world, "u", jane)).status).toBe("queued");
    await world.exchange.stop();
    if (process.getuid?.() === 0) chownSync(world.folder.path, NOBODY, NOBODY);
    chmodSync(world.database, 0o444);
    chmodSync(world.folder.path, 0o555);
    await cannotStart(
      world,
      new RegExp(`it can only be read.*the folder ${world.folder.path}`),
      withoutPrivileges,
    );
    chmodSync(world.folder.path, 0o755);
    chmodSync(world.database, 0o600);
    world.vambe.standIn.setFault("normal");
    await world.exchange.restart();
    await untilDelivered(world);
    expect(world.vambe.standIn.contacts().length).toBe(1);
  });

  test("because its first page is garbage: a clear message, and the file is left as it is", async () => {
    await using world = await startWorld();
    await world.exchange.stop();
    overwrite(world.database, 0, 4096);
    const bytes = readFileSync(world.database);
    await cannotStart(world, /not a database/);
    expect(readFileSync(world.database).equals(bytes)).toBe(true);
  });

  test("because what follows that page is garbage: a clear message", async () => {
    await using world = await startWorld();
    for (let number = 0; number < 50; number++) await world.signIn(`u${number}`, jane);
    await world.exchange.stop();
    overwrite(world.database, 4096, statSync(world.database).size - 4096);
    await cannotStart(world, /malformed/);
  });

  test("because the disk is full: a clear message, and after there is room again all is well", async () => {
    await using world = await startWorld();
    await world.exchange.stop();
    await cannotStart(world, /disk|I\/O|full/i, { shell: "ulimit -f 8" });
    await world.exchange.restart();
    expect((await identify(world, "u", jane)).status).toBe("delivered");
  });
});

describe.concurrent("a database that fails while it is in use", { timeout: 120_000 }, () => {
  test.runIf(process.platform === "linux")(
    "because the disk is full, and has room again: identifies are refused and taken again, without a restart",
    async () => {
      await using world = await startWorld();
      world.vambe.standIn.setFault("down");
      const limit = (bytes: string) =>
        execFileSync("prlimit", [`--fsize=${bytes}`, `--pid=${world.exchange.pid()}`]);
      limit("400000:unlimited");
      const acknowledged: string[] = [];
      // In a row: where the write-ahead log alone has no room left, what is in it goes into the file, and it begins anew.
      let refused = 0;
      for (let number = 0; refused < 3 && number < 2000; number++) {
        const answer = await world.signIn(`u${number}`, { ...jane, name: "x".repeat(250) });
        if (answer.status === 200) {
          acknowledged.push(`u${number}`);
          refused = 0;
        } else {
          expect(answer.problem()).toMatchObject({ slug: "storage-unavailable", status: 503 });
          refused += 1;
        }
      }
      expect({ refused, some: acknowledged.length > 0 }).toEqual({ refused: 3, some: true });
      const readiness = async () => JSON.parse((await world.page.send("/readyz", {})).text);
      await eventually("it says that it is not ready", async () => (await readiness()).ledger === "failed");
      expect((await readiness()).reason).toMatch(/full/);
      limit("unlimited:unlimited");
      await eventually(
        "identifies are taken again",
        async () => (await world.signIn("late", jane)).status === 200,
      );
      world.vambe.standIn.setFault("normal");
      await eventually("it is ready again", async () => (await readiness()).ledger === "ok");
      await untilDelivered(world);
      const arrived = world.vambe.standIn.contacts().map(({ external_user_id }) => external_user_id);
      expect(arrived).toEqual(expect.arrayContaining([...acknowledged, "late"]));
    },
  );
});

describe.concurrent("after delivery", { timeout: 120_000 }, () => {
  test("neither name nor email nor proof is in the database or its write-ahead log, after a checkpoint", async () => {
    await using world = await startWorld({ environment: { VAMBE_PROOF_ONCE: "true" } });
    const proofs: string[] = [];
    const identify = async (id: string, traits: object) => {
      const proof = world.proofFor(id, { ...traits, jti: `once-${id}-${proofs.length}` });
      proofs.push(proof);
      return (await world.page.identify({ id }, proof)).identity().status;
    };
    world.vambe.standIn.setFault("down");
    for (let number = 0; number < 60; number++)
      await identify(`u${number}`, {
        name: `Secretname ${number}`,
        email: `secretmail${number}@example.com`,
        plan: "secretplan",
      });
    expect(bytesOf(world)).not.toMatch(/secret(name|mail|plan)/i);
    world.vambe.standIn.setFault("normal");
    await untilDelivered(world);
    for (let number = 0; number < 60; number++)
      expect(await identify(`u${number}`, { name: `Secretname again ${number}` })).toBe("delivered");

    const db = new DatabaseSync(world.database);
    expect(db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()).toMatchObject({ busy: 0 });
    db.close();
    expect(bytesOf(world)).not.toMatch(/secret(name|mail|plan)/i);
    for (const proof of proofs) {
      const [, claims = "", signature = ""] = proof.split(".");
      for (const part of [claims, signature, claims.slice(20, 60)])
        expect(bytesOf(world)).not.toContain(part);
    }
    expect(bytesOf(world)).not.toContain("once-u");
    expect(world.exchange.output()).not.toMatch(/secret(name|mail|plan)/i);
  });
});

const bytesOf = (world: World) =>
  readdirSync(world.folder.path)
    .map((name) => readFileSync(world.folder.file(name), "latin1"))
    .join("\n");

function overwrite(path: string, from: number, length: number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(length, "garbage!"), 0, length, from);
  closeSync(file);
}
