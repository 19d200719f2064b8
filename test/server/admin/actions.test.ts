import { expect, test } from "vitest";
import { type AdminWorld, formTokenIn, shownIn, startAdminWorld } from "../../support/admin.ts";
import { startPostgres } from "../../support/postgres.ts";
import { reply, startUpstream } from "../../support/upstream.ts";

const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };
const refusal = reply(400, JSON.stringify({ statusCode: 400, message: "channel_id is unknown" }));

/** Follows what a form has led to, as a browser without scripts does. */
async function after(world: AdminWorld, form: Record<string, string>) {
  const answer = await world.admin.submit(form);
  expect([answer.status, answer.text]).toEqual([303, "It is done.\n"]);
  return (await world.admin.ask(`/${answer.headers.location?.slice(2)}`)).text;
}

test.each(["SQLite", "PostgreSQL"])("what was rejected is tried again, with %s", async (kind) => {
  await using upstream = await startUpstream(refusal);
  await using postgres = kind === "PostgreSQL" ? await startPostgres() : undefined;
  await using world = await startAdminWorld({
    apiUrl: upstream.url,
    ...(postgres && { environment: { VAMBE_DATABASE_URL: await postgres.newDatabase() } }),
  });
  expect((await world.signIn("ana", jane)).identity().status).toBe("rejected");
  const { text } = await world.admin.ask("/");
  expect(text).toContain("refused (400): channel_id is unknown");
  const asked = (await world.admin.ask("/?ask=retry&user=ana")).text;
  expect(asked).toContain("Try the user ana again at once?");
  expect(formTokenIn(asked)).not.toBe("");
  upstream.behave(reply(201));
  const done = await after(world, { action: "retry", user: "ana" });
  expect(done).toContain("Due now: 1.");
  await expect
    .poll(async () => (await world.admin.find("ana"))?.users, { timeout: 30_000 })
    .toMatchObject([{ state: "idle", confirmed: ["email", "field:plan", "name", "verified"] }]);
});

test("all that waits is tried again, and all is sent once more", async () => {
  await using upstream = await startUpstream(refusal);
  await using world = await startAdminWorld({ apiUrl: upstream.url });
  for (const id of ["ana", "bruno"])
    expect((await world.signIn(id, jane)).identity().status).toBe("rejected");
  upstream.behave(reply(201));
  expect(await after(world, { action: "retry" })).toContain("Due now: 2.");
  await expect
    .poll(async () => (await world.signIn("ana", jane)).identity().status, { timeout: 30_000 })
    .toBe("unchanged");
  expect(await after(world, { action: "resend" })).toContain("Sent with the next identify: 2.");
  expect((await world.signIn("ana", jane)).identity().status).toBe("delivered");
});

test("who is forgotten is known to nobody any more, and a second time says so", async () => {
  await using world = await startAdminWorld();
  await world.signIn("-17", jane);
  expect((await world.admin.find("-17"))?.users).toHaveLength(1);
  expect(await after(world, { action: "forget", user: "-17" })).toContain("Forgotten: the database");
  expect((await world.admin.find("-17"))?.users).toEqual([]);
  expect(await after(world, { action: "forget", user: "-17" })).toContain("Nothing is kept of this user");
  const noted = world.exchange.log().filter(({ event }) => /admin page/.test(`${event}`));
  expect(noted).toMatchObject([
    { action: "forget", count: 1 },
    { action: "forget", count: 0 },
  ]);
  expect(JSON.stringify(noted)).not.toContain("-17");
});

test("what cannot be done says why, and what is no action is refused", async () => {
  await using world = await startAdminWorld();
  const answer = await world.admin.submit({ action: "retry", user: "nobody" });
  expect([answer.status, answer.text]).toEqual([500, "nothing of this user waits\n"]);
  const headers = { accept: "application/json" };
  const byScript = await world.admin.submit({ action: "retry", user: "nobody" }, { headers });
  expect(JSON.parse(byScript.text)).toEqual({ action: "retry", failed: "nothing of this user waits" });
  for (const form of [{ action: "drop" }, { action: "forget" }, { action: "forget", user: "" }])
    expect((await world.admin.submit(form)).status).toBe(400);
});

test("what is kept in memory alone has no buttons that no command could serve", async () => {
  await using world = await startAdminWorld({ environment: { VAMBE_DATABASE_URL: "memory:" } });
  const { text } = await world.admin.ask("/");
  expect(text).not.toContain("Send all again</button>");
  expect(shownIn(text).state.about.database).toBe("memory");
});
