import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Page, PageAnswer } from "../support/page.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { signProof } from "../support/proofs.ts";
import { type Instance, startWorld, type World } from "../support/world.ts";

/** Who has got hold of a proof that has served shows it once more. `VAMBE_PROOF_ONCE` is what stops it. */

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const OLD_SECRET = `old-${randomUUID()}`;

let postgres: RunningPostgres;
let world: World;
let second: Instance;
let secondPage: Page;
beforeAll(async () => {
  postgres = await startPostgres();
  world = await startWorld({
    environment: { VAMBE_PROOF_ONCE: "true", VAMBE_DATABASE_URL: await postgres.newDatabase() },
  });
  second = await world.startAnother({ VAMBE_IDENTITY_SECRET: `${world.secret},${OLD_SECRET}` });
  secondPage = second.page;
});
afterAll(async () => {
  await second[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

const proofFor = (id: string, claims: Record<string, unknown> = {}) =>
  world.proofFor(id, { jti: randomUUID(), ...claims });
const outcome = (answer: PageAnswer) => (answer.status === 200 ? "identified" : answer.problem().slug);
const show = async (id: string, proof: string, page = world.page) =>
  outcome(await page.identify({ id }, proof));
const upsertsOf = (id: string) =>
  world.vambe.standIn.upserts().filter(({ body }) => JSON.stringify(body).includes(`"${id}"`));
/** All the other ways to write the same signature. */
const altered = (proof: string): string[] => {
  const last = BASE64URL.indexOf(proof.slice(-1));
  return [1, 2, 3].map((spare) => `${proof.slice(0, -1)}${BASE64URL[last ^ spare]}`);
};

describe("a proof that is shown twice", () => {
  test("serves the first time; the second is refused, and nothing happens", async () => {
    const proof = proofFor("twice", { plan: "premium" });
    expect(await show("twice", proof)).toBe("identified");
    const upserts = upsertsOf("twice").length;
    const again = await world.page.identify({ id: "twice", plan: "premium" }, proof);
    expect(again.problem()).toMatchObject({ slug: "proof-used", status: 401 });
    expect(again.text).not.toContain("eyJ");
    expect(upsertsOf("twice").length).toBe(upserts);
  });

  test("50 times at once serves one of them", async () => {
    const proof = proofFor("burst");
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => show("burst", proof)));
    expect(outcomes.filter((one) => one === "identified").length).toBe(1);
    expect(outcomes.filter((one) => one === "proof-used").length).toBe(49);
    expect(upsertsOf("burst").length).toBe(1);
  });

  test("on two instances is refused by the second", async () => {
    const proof = proofFor("elsewhere");
    expect(await show("elsewhere", proof)).toBe("identified");
    expect(await show("elsewhere", proof, secondPage)).toBe("proof-used");
  });

  test("50 times at once on two instances serves one of them", async () => {
    for (let round = 0; round < 5; round++) {
      const id = `burst-on-two-${round}`;
      const proof = proofFor(id);
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, number) => show(id, proof, number % 2 ? world.page : secondPage)),
      );
      expect(outcomes.sort()).toEqual(["identified", ...Array(49).fill("proof-used")]);
    }
  });

  test("with the signature's spare bits altered is the same proof", async () => {
    const proof = proofFor("altered");
    expect(await show("altered", proof)).toBe("identified");
    for (const other of altered(proof)) {
      expect(other).not.toBe(proof);
      expect(await show("altered", other)).toMatch(/^proof-(used|malformed|signature)$/);
    }
  });

  test("in all the ways to write it at once serves one of them", async () => {
    const proof = proofFor("altered-at-once");
    const ways = [proof, ...altered(proof)].flatMap((one) => [one, one, one]);
    const outcomes = await Promise.all(ways.map((one) => show("altered-at-once", one)));
    expect(outcomes.filter((one) => one === "identified").length).toBe(1);
  });

  test("and signed anew under the same jti, with other words or another secret, is refused", async () => {
    const jti = randomUUID();
    expect(await show("anew", proofFor("anew", { jti }), secondPage)).toBe("identified");
    const others = [
      proofFor("anew", { jti, plan: "enterprise" }),
      world.proofFor("anew", { jti }, { kid: "another" }),
      signProof(OLD_SECRET, "anew", { jti }),
      proofFor("somebody", { jti }),
    ];
    for (const other of others)
      expect(await show(other === others[3] ? "somebody" : "anew", other, secondPage)).toBe("proof-used");
    expect(upsertsOf("somebody")).toEqual([]);
  });
});

describe("a proof that has not served yet", () => {
  test("is not used up by an attempt that was refused", async () => {
    const proof = proofFor("tried");
    expect(await show("somebody-else", proof)).toBe("proof-other-user");
    expect(await show("tried", `${proof.slice(0, -5)}AAAAA`)).toBe("proof-signature");
    const headers = { origin: "https://evil.example", "content-type": "application/json" };
    expect(outcome(await world.page.identify({ id: "tried" }, proof, { headers }))).toBe(
      "origin-not-allowed",
    );
    expect(await show("tried", proof)).toBe("identified");
  });

  test("needs a jti to be told by", async () => {
    for (const jti of [undefined, "", null, 42, ["x"], { toString: "x" }]) {
      const answer = await world.page.identify({ id: "nameless" }, world.proofFor("nameless", { jti }));
      expect(answer.problem()).toMatchObject({ slug: "proof-claims", errors: [{ field: "jti" }] });
    }
    expect(upsertsOf("nameless")).toEqual([]);
  });

  test("is told from others by every letter of its jti", async () => {
    const jti = randomUUID();
    for (const other of [jti, jti.toUpperCase(), `${jti} `, ` ${jti}`, `${jti}\u0000`, "x".repeat(5000)])
      expect(await show("letters", proofFor("letters", { jti: other }))).toBe("identified");
  });
});

describe("the uses", () => {
  test("outlive a restart and a crash", async () => {
    const [before, beforeCrash] = [proofFor("restart"), proofFor("crash")];
    expect(await show("restart", before)).toBe("identified");
    await world.exchange.restart();
    expect(await show("restart", before)).toBe("proof-used");
    expect(await show("crash", beforeCrash)).toBe("identified");
    await world.exchange.kill();
    await world.exchange.restart();
    for (const proof of [before, beforeCrash])
      expect(await show(proof === before ? "restart" : "crash", proof)).toBe("proof-used");
  });

  test("are kept without the jti itself", async () => {
    await using own = await startWorld({ environment: { VAMBE_PROOF_ONCE: "true" } });
    const jti = `jti-${randomUUID()}`;
    const { status } = await own.page.identify({ id: "private" }, own.proofFor("private", { jti }));
    expect(status).toBe(200);
    const files = readdirSync(own.folder.path);
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) expect(readFileSync(own.folder.file(name)).includes(jti)).toBe(false);
  });
});

test("where a use cannot be stored, nobody is let in", async () => {
  await using broken = await startWorld({ environment: { VAMBE_PROOF_ONCE: "true" } });
  const db = new DatabaseSync(broken.database);
  db.exec("DROP TABLE used_proof");
  db.close();
  const answer = await broken.signIn("u", { name: "Jane" });
  expect(answer.problem().slug).toBe("proof-claims");
  const proof = broken.proofFor("u", { jti: "x" });
  expect((await broken.page.identify({ id: "u" }, proof)).problem().slug).toBe("storage-unavailable");
  expect(broken.vambe.standIn.upserts()).toEqual([]);
});

test("without VAMBE_PROOF_ONCE a proof serves for as long as it lives, with a jti or without", async () => {
  await using open = await startWorld();
  for (const proof of [open.proofFor("u"), open.proofFor("u", { jti: "x" })])
    for (let time = 0; time < 3; time++)
      expect(outcome(await open.page.identify({ id: "u" }, proof))).toBe("identified");
});
