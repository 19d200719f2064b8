import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../../support/postgres.ts";
import { reply, startUpstream } from "../../support/upstream.ts";
import { startWorld, type World } from "../../support/world.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const databaseOf = async (kind: string): Promise<Record<string, string>> =>
  kind === "SQLite" ? {} : { VAMBE_DATABASE_URL: await postgres.newDatabase() };

/** `outbox … --json`, beside the exchange. */
const outboxOf = (world: World, database: Record<string, string>) => async (args: string[]) => {
  const environment = { ...database, VAMBE_API_KEY: world.apiKey };
  const { code, output } = await world.command(["outbox", ...args, "--json"], environment);
  expect(code, output).toBe(0);
  expect(output).not.toMatch(/Jane|@example\.com|gold/);
  return JSON.parse(output);
};
/** What Vambe has taken of a user, call by call. */
const named = ({ vambe }: World, id: string) =>
  vambe.standIn
    .upserts()
    .filter(({ status }) => status !== null && status < 300)
    .map(({ body }) => body as Record<string, unknown>)
    .filter(({ external_user_id }) => external_user_id === id);

describe.each(["SQLite", "PostgreSQL"])("an operator mends, with %s:", { timeout: 240_000 }, (kind) => {
  test("what waited under a wrong channel goes to the right one, together with what came there since", async () => {
    const database = await databaseOf(kind);
    await using world = await startWorld({ environment: database });
    const outbox = outboxOf(world, database);
    world.vambe.standIn.setFault("down");
    await world.signIn("waits", { name: "Jane Doe", email: "waits@example.com" });
    await world.signIn("both", { name: "Jane Old", email: "old@example.com" });

    const right = randomUUID();
    await world.exchange.stop();
    world.vambe.standIn.setFault("normal");
    await world.exchange.restart({ VAMBE_CHANNEL_ID: right });
    await expect.poll(() => world.exchange.output()).toContain("outbox move");
    await world.signIn("both", { name: "Jane New" });
    await eventually("the newer value has arrived", () => named(world, "both")[0]);
    const [{ channel }] = (await outbox(["list"])).rows;
    expect(channel).toBe(world.channelId);

    expect(await outbox(["move", "--from", channel, "--to", right, "--all"])).toEqual({
      moved: 2,
      merged: 1,
      under_way: 0,
    });
    await eventually("both have arrived", () => named(world, "waits")[0] && named(world, "both")[1]);
    expect(named(world, "waits")).toMatchObject([
      { channel_id: right, contact_name: "Jane Doe", contact_email: "waits@example.com" },
    ]);
    const [first, second] = named(world, "both");
    expect(first).toMatchObject({ channel_id: right, contact_name: "Jane New" });
    expect(second).toMatchObject({ channel_id: right, contact_email: "old@example.com" });
    expect(second).not.toHaveProperty("contact_name");
    await eventually("nothing waits", async () => (await outbox(["list"])).rows.length === 0);
    expect(await outbox(["move", "--from", channel, "--to", right, "--all"])).toMatchObject({ moved: 0 });
  });

  test("what is resent goes out in full when the user comes again, and not before", async () => {
    const database = await databaseOf(kind);
    await using world = await startWorld({ environment: database });
    const outbox = outboxOf(world, database);
    const jane = { name: "Jane Doe", email: "jane@example.com", plan: "gold" };
    const signIn = async () => (await world.signIn("u", jane)).identity().status;
    /** So many calls to Vambe there have been when it knows all. */
    const isKnown = (calls: number) =>
      eventually(`it is known, by call ${calls}`, async () => {
        const status = await signIn();
        expect(named(world, "u").length).toBeLessThanOrEqual(calls);
        return status === "unchanged" && named(world, "u").length === calls;
      });
    await isKnown(1);
    expect(await outbox(["resend", "u"])).toEqual({ sent_when_they_come: 1, due_now: 0 });
    expect(named(world, "u")).toHaveLength(1);
    expect(await signIn()).not.toBe("unchanged");
    await isKnown(2);
    expect(await outbox(["resend", "--all"])).toEqual({ sent_when_they_come: 1, due_now: 0 });
    await isKnown(3);
    const calls = named(world, "u");
    expect(calls[2]).toEqual(calls[0]);
  });

  test("a value that waited for a mistyped field goes to the right one, also of a rejected contact", async () => {
    let mended = false;
    await using upstream = await startUpstream((socket, request) => {
      const { body } = request;
      const refused = body.includes('"key":"plann"')
        ? reply(400, "custom field plann is unknown")
        : !mended && body.includes('"rita"')
          ? reply(400, "Channel not found")
          : undefined;
      (refused ?? reply(201))(socket, request);
    });
    const database = await databaseOf(kind);
    await using world = await startWorld({
      apiUrl: upstream.url,
      environment: { ...database, VAMBE_FIELDS: "plan:plann" },
    });
    const outbox = outboxOf(world, database);
    await world.signIn("wim", { name: "Jane Doe", plan: "gold" });
    await world.signIn("rita", { name: "Jane Doe", plan: "gold" });
    await eventually("both are refused", async () => {
      const { rows } = await outbox(["list"]);
      expect(rows).toMatchObject([
        { id: "wim", state: "withheld", fields: ["plann"] },
        { id: "rita", state: "rejected", fields: ["plann"] },
      ]);
      return true;
    });

    mended = true;
    await world.exchange.restart({ VAMBE_FIELDS: "plan" });
    await outbox(["retry", "--all"]);
    const isSent = (id: string) =>
      upstream.seen.some(
        ({ body }) => body.includes(`"${id}"`) && body.includes('"key":"plan","value":"gold"'),
      );
    await eventually("both are sent with the new field", () => isSent("wim") && isSent("rita"));
    await eventually("nothing waits", async () => (await outbox(["list"])).rows.length === 0);
    for (const id of ["wim", "rita"])
      expect((await world.signIn(id, { name: "Jane Doe", plan: "gold" })).identity().status).toBe(
        "unchanged",
      );
  });
});
