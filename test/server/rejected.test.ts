import { expect, test } from "vitest";
import { reply, startUpstream } from "../support/upstream.ts";
import { startWorld } from "../support/world.ts";

const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };
const refusal = reply(
  400,
  JSON.stringify({ statusCode: 400, message: "Jane Doe cannot be a contact", error: "Bad Request" }),
  { "content-type": "application/json" },
);

test("a contact that Vambe rejects: the page has an identity and `rejected`, the operator Vambe's words", async () => {
  await using upstream = await startUpstream(refusal);
  await using world = await startWorld({ apiUrl: upstream.url });
  for (let load = 0; load < 3; load++) {
    const answer = (await world.signIn("u", jane)).identity();
    expect(answer).toMatchObject({
      status: "rejected",
      user: { id: "u", verified: true },
      applied: [],
      token: expect.stringMatching(/^eyJ/),
    });
    expect(answer.ignored.map(({ trait, reason }) => `${trait} ${reason}`).sort()).toEqual([
      "email rejected-by-vambe",
      "name rejected-by-vambe",
      "plan rejected-by-vambe",
    ]);
  }
  // With the plan and without it, and never again.
  expect(upstream.seen.length).toBe(2);
  // What is said there may be a second old.
  await expect
    .poll(async () => JSON.parse((await world.page.send("/readyz", {})).text).outbox, { timeout: 10_000 })
    .toMatchObject({ pending: 0, rejected: 1 });

  const { output } = await world.command(["outbox", "list"]);
  expect(output).toMatch(/^\S+ +u +rejected .*refused \(400\): … cannot be a contact$/m);
  const rejections = world.exchange.log().filter(({ event }) => /^contact rejected/.test(`${event}`));
  expect(rejections).toMatchObject([{ level: "error", cause: "refused (400): … cannot be a contact" }]);
  expect(world.exchange.log().filter(({ delivery }) => delivery === "rejected").length).toBe(3);
  expect(output + world.exchange.output()).not.toMatch(/jane|doe/i);

  upstream.behave(reply(201));
  expect((await world.command(["outbox", "retry", "--all"])).output).toMatch(/Due now: 1/);
  await expect
    .poll(async () => (await world.signIn("u", jane)).identity().status, { timeout: 30_000 })
    .toBe("unchanged");
});
