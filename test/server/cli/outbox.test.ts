import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SqliteLedger } from "../../../server/ledger/sqlite/ledger.ts";
import { dataKeyOf } from "../../support/data-key.ts";
import { eventually } from "../../support/eventually.ts";
import { runExchange } from "../../support/exchange-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { reply, startUpstream, type Upstream } from "../../support/upstream.ts";
import { startWorld, type World } from "../../support/world.ts";

const CHANNEL = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";
const OTHER = "00000000-0000-0000-0000-000000000000";

let world: World;
let upstream: Upstream;
let mended = false;
beforeAll(async () => {
  upstream = await startUpstream((socket, seen) => {
    const { head, body } = seen;
    const refusesPlan = body.includes('"key":"plan"') && reply(400, "custom field plan is unknown");
    const refusesRita = body.includes("Rita") && reply(400, "contact_name is offensive");
    return ((!mended && (refusesRita || refusesPlan)) || reply(201, head.slice(0, 0)))(socket, seen);
  });
  world = await startWorld({ apiUrl: upstream.url });
  await world.signIn("wim", { name: "Wim Withheld", plan: "pro" });
  await world.signIn("rita", { name: "Rita Rejected", email: "rita@example.com" });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await upstream.close();
});

const outbox = (...args: string[]) => world.command(["outbox", ...args]);
const said = async (...args: string[]) => {
  const { code, output } = await outbox(...args);
  expect(code, output).toBe(0);
  expect(output).not.toMatch(/Withheld|Rejected|@example\.com|"pro"/);
  return output;
};
const sentTo = (id: string) => upstream.seen.filter(({ body }) => body.includes(`"${id}"`)).length;

describe("beside a running exchange", { timeout: 120_000 }, () => {
  test("outbox: counts, the last errors and the missing fields, without a name or an email", async () => {
    const output = await said();
    expect(output).toMatch(/^pending +0\nwithheld +1\nrejected +1$/m);
    expect(output).toMatch(/^refused \(400\): contact_name is offensive +1$/m);
    expect(output).toMatch(/^refused \(400\): custom field plan is unknown +1$/m);
    expect(output).toMatch(/^CUSTOM FIELD MISSING AT VAMBE .*\nplan +\S+Z$/m);
  });

  test("outbox list: the rows, by state and at most so many", async () => {
    const output = await said("list");
    expect(output).toMatch(
      /^\S{36} +wim +withheld +\d+ s +\d+ +field:plan +plan +(now|\S+Z) +refused \(400\): custom field plan is unknown$/m,
    );
    expect(output).toMatch(
      /^\S{36} +rita +rejected +\d+ s +1 +.*name, email +- +- +refused \(400\): contact_name is offensive$/m,
    );
    expect(await said("list", "--state", "rejected")).not.toMatch(/ wim /);
    expect(await said("list", "--limit", "1")).toMatch(/There are more/);
    expect(await said("list", "--state", "pending")).toMatch(/^Nothing waits/m);
  });

  test("--json: the same as one document, with names that stay", async () => {
    const json = async (...args: string[]) => JSON.parse(await said(...args, "--json"));
    expect(await json()).toEqual({
      pending: 0,
      withheld: 1,
      rejected: 1,
      counted_up_to: 1_000_000,
      oldest_pending_seconds: null,
      last_errors: expect.arrayContaining([
        { error: "refused (400): contact_name is offensive", rows: 1 },
        { error: "refused (400): custom field plan is unknown", rows: 1 },
      ]),
      missing_fields: [{ field: "plan", next_look: expect.stringMatching(/^\d{4}-.*Z$/) }],
    });
    const { rows, more } = await json("list");
    expect(more).toBe(false);
    expect(rows).toEqual([
      {
        channel: world.channelId,
        id: "wim",
        state: "withheld",
        waiting_seconds: expect.any(Number),
        failed_tries: expect.any(Number),
        waits: ["field:plan"],
        fields: ["plan"],
        last_error: "refused (400): custom field plan is unknown",
        next_try: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      {
        channel: world.channelId,
        id: "rita",
        state: "rejected",
        waiting_seconds: expect.any(Number),
        failed_tries: 1,
        waits: expect.arrayContaining(["name", "email"]),
        fields: [],
        last_error: "refused (400): contact_name is offensive",
        next_try: null,
      },
    ]);
    expect(await json("list", "--limit", "1")).toMatchObject({ rows: [{ id: "wim" }], more: true });
    expect(await json("list", "--state", "pending")).toEqual({ rows: [], more: false });
    const { code, output } = await outbox("retry", "nobody", "--json");
    expect({ code, output }).toEqual({
      code: 1,
      output: "vambe-identity outbox: nothing of this user waits\n",
    });
  });

  test("outbox retry <id>: a rejected row is sent again within seconds, without a restart", async () => {
    const before = sentTo("rita");
    expect(await said("retry", "rita")).toMatch(/Due now: 1/);
    await eventually("it is sent again", () => sentTo("rita") > before, { withinMs: 20_000 });
    await eventually("it is rejected again", async () => /^rejected +1$/m.test(await said()));
  });

  test("outbox retry --all: once Vambe is mended, everything arrives", async () => {
    mended = true;
    // One of the two may have gone by itself by now.
    expect(await said("retry", "--all")).toMatch(/Due now: [12]\./);
    await eventually(
      "nothing waits",
      async () => /^pending +0\nwithheld +0\nrejected +0$/m.test(await said()),
      { everyMs: 500 },
    );
    const bodies = upstream.seen.map(({ body }) => body).join("\n");
    expect(bodies).toMatch(/"wim".*"key":"plan","value":"pro"/);
    expect((await world.signIn("rita", { name: "Rita Rejected" })).identity().status).toBe("unchanged");
  });

  test("outbox forget: neither the id nor what belonged to it is in any file of the database any more", async () => {
    upstream.behave(reply(500));
    await world.signIn("to-be-forgotten", { name: "Nobody Nomore", email: "nomore@example.com" });
    const bytes = () =>
      readdirSync(world.folder.path)
        .map((name) => readFileSync(world.folder.file(name), "latin1"))
        .join("\n");
    expect(bytes()).toMatch(/to-be-forgotten/);
    expect(bytes()).not.toMatch(/Nomore|nomore/);
    expect(await said("forget", "to-be-forgotten")).toMatch(/Forgotten[\s\S]*contact at Vambe/);
    expect(bytes()).not.toMatch(/Nomore|nomore|to-be-forgotten/);
    expect(await said("forget", "to-be-forgotten")).toMatch(/Nothing is kept/);
    expect(JSON.parse(await said("forget", "to-be-forgotten", "--json"))).toEqual({
      forgotten: false,
      reached: expect.any(String),
    });
    upstream.behave(reply(201));
    const again = await eventually("the user is new", async () => {
      const answer = await world.signIn("to-be-forgotten", { name: "Nobody Nomore" });
      return answer.identity().status === "delivered" || answer.identity().status === "unchanged";
    });
    expect(again).toBe(true);
  });
});

describe("ids", { timeout: 120_000 }, () => {
  test("of any kind are shown without a harm to the terminal, and can be named", async () => {
    using folder = temporaryFolder();
    const path = folder.file("ids.db");
    const ledger = new SqliteLedger(path, dataKeyOf("key"), "c");
    const ids = ["--all", "-17", "\u202egnp.exe", "a b", "ü"];
    for (const userId of ids)
      await ledger.record({ channelId: "c", userId, traits: { name: "x" }, verified: true }, Date.now());
    await ledger.close();
    const run = (...args: string[]) =>
      runExchange({ VAMBE_DATABASE_URL: `file:${path}` }, ["outbox", ...args]);
    const { output } = await run("list");
    expect(output).toMatch(/^c +--all {2,}pending[\s\S]*^c +\\u\{202e\}gnp\.exe {2,}pending/m);
    expect(output).not.toContain("\u202e");
    expect((await run("retry", "--", "--all")).output).toMatch(/Due now: 1\./);
    for (const id of ids) expect((await run("forget", "--", id)).output).toMatch(/Forgotten/);
    expect((await run("list")).output).toMatch(/Nothing waits/);
  });
});

describe("words that are not understood, and surroundings in which there is nothing to do:", () => {
  test.each([
    [["turn"], 2, /no command "outbox turn"/],
    [["list", "all"], 2, /"all"/],
    [["list", "--state", "lost"], 2, /--state must be one of/],
    [["list", "--limit", "many"], 2, /--limit must be/],
    [["list", "--all"], 2, /takes no --all/],
    [["retry"], 2, /the id of one user, or --all/],
    [["retry", "u", "--all"], 2, /the id of one user, or --all/],
    [["retry", "nobody"], 1, /nothing of this user waits/],
    [["resend"], 2, /the id of one user, or --all/],
    [["resend", "nobody"], 1, /nothing is kept of this user/],
    [["move", "u", "--to", OTHER], 2, /move takes --from/],
    [["move", "u", "--from", OTHER], 2, /move takes --to \(or VAMBE_CHANNEL_ID\)/],
    [["move", "--from", OTHER, "--to", OTHER, "--all"], 2, /the same channel/],
    [["move", "--from", "webchat", "--to", OTHER, "--all"], 2, /--from must be the UUID/],
    [["move", "--from", OTHER, "--to", CHANNEL], 2, /the id of one user, or --all/],
    [["move", "--from", OTHER, "--to", CHANNEL, "--all"], 1, /VAMBE_API_KEY is required/],
    [["forget"], 2, /takes the id/],
    [["forget", "a", "b"], 2, /"b"/],
    [["--colour"], 2, /--colour/],
    [["--help"], 0, /outbox retry --all/],
  ] as const)("outbox %j", async (args, code, words) => {
    const ending = await outbox(...args);
    expect(ending.output).toMatch(words);
    expect(ending.code).toBe(code);
    expect(ending.output).not.toMatch(/^\s+at /m);
  });

  test("no database: none is made", async () => {
    using folder = temporaryFolder();
    for (const url of [`file:${folder.file("none.db")}`, "memory:"]) {
      const { code, output } = await runExchange({ VAMBE_DATABASE_URL: url }, ["outbox"]);
      expect(code).toBe(1);
      expect(output).toMatch(/VAMBE_DATABASE_URL/);
    }
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
