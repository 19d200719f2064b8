import { statfsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runExchange } from "../../support/exchange-process.ts";
import { type HealthyWorld, runDoctor, startHealthyWorld } from "./doctor.ts";

let world: HealthyWorld;
beforeAll(async () => {
  world = await startHealthyWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** Where tests run, the temporary folder may be one that forgets, or nearly full: that is true, and not of the world. */
const isOfThisMachine = ({ name }: { name: string }) => ["durable", "free space"].includes(name);
const isDisk = () => statfsSync(world.folder.path).type === 0xef53;

describe("where all is as it should be", () => {
  test("there are ticks, and what is not used is not looked at", async () => {
    const { lines, text } = await world.doctor();
    expect(
      lines.filter(({ mark }) => mark === "!" || mark === "✗").filter((line) => !isOfThisMachine(line)),
    ).toEqual([]);
    expect(lines.filter(({ mark }) => mark === "–").map(({ name }) => name)).toEqual([
      "VAMBE_CHANNEL_ID",
      "a test user",
      "issuer",
      "VAMBE_SESSION_URL",
    ]);
    expect(text).toMatch(/^From outside$/m);
  });

  test("the exit code is 0, and --json says the same as the list", async () => {
    const list = await world.doctor();
    const { text, code } = await world.doctor({}, ["--json"]);
    const { verdict, checks } = JSON.parse(text);
    if (isDisk()) expect([code, verdict]).toEqual([0, "ok"]);
    const marks = { ok: "✓", skipped: "–", warning: "!", failed: "✗" };
    const asListed = (all: { verdict: keyof typeof marks; name: string }[]) =>
      all.map(({ verdict: one, name }) => `${marks[one]} ${name}`);
    expect(asListed(checks)).toEqual(list.lines.map(({ mark, name }) => `${mark} ${name}`));
    expect(checks[0]).toEqual({
      section: "Settings",
      name: "settings",
      verdict: "ok",
      says: "nothing is wrong with them",
    });
  });

  test("nothing has been sent to Vambe, and no log line of the exchange is a refusal", () => {
    expect(world.vambe.standIn.upserts()).toEqual([]);
    expect(world.exchange.log().filter(({ level }) => level !== "info")).toEqual([]);
  });

  test("with --send the contact is there, and no more of it than its id", async () => {
    const { shows } = await world.doctor({}, ["--send", "test-user-7"]);
    shows("✓", "a test user", /has taken the contact/);
    const [contact] = world.vambe.standIn.contacts();
    expect(contact).toMatchObject({
      external_user_id: "test-user-7",
      channel_id: world.channelId,
      agent_id: world.environment.VAMBE_AGENT_ID,
      fields: {},
      contact: { name: null, email: null, default_stage_id: world.environment.VAMBE_STAGE_ID },
    });
  });
});

describe("words that are not understood", () => {
  test.each([
    [["--jason"], 2, /--jason/],
    [["all"], 2, /"all" is not understood/],
    [["--send", ""], 2, /--send takes the id/],
    [["--help"], 0, /exit code is 0 .* 3 where .* 1 where/s],
  ] as const)("doctor %j", async (args, code, words) => {
    const ending = await runExchange({}, ["doctor", ...args]);
    expect([ending.code, ending.output]).toEqual([code, expect.stringMatching(words)]);
  });
});

test("with nothing set at all, it says what has to be set, and makes no database", async () => {
  const { code, shows } = await runDoctor({});
  expect(code).toBe(1);
  for (const name of ["VAMBE_API_KEY", "VAMBE_CHANNEL_ID", "VAMBE_ALLOWED_ORIGINS", "VAMBE_IDENTITY_SECRET"])
    shows("✗", name, /is required/, /no exchange starts/);
  shows("!", "database", /there is none at .*vambe-identity\.db/, /start the exchange/);
  shows("–", "reached", /needs VAMBE_API_KEY/);
  shows("✓", "Node.js", /^is v\d+/);
});
