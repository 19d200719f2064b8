import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openPage, refused, startExchange } from "./page.ts";
import { identified } from "./stand-in-exchange.ts";

/** Holds back the answer for one user until `release` is called. */
function holding(id: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    release: resolve,
    behaviour: async ({ user }: { user: { id: string | number } }) => {
      if (user.id === id) await promise;
      return identified(user.id);
    },
  };
}

test("A to B while A is under way: A is superseded, and its late answer changes nothing", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const { behaviour, release } = holding("A");
  exchange.behave(behaviour);
  const a = refused(page.identify({ id: "A" }));
  await eventually("A has arrived", () => exchange.received.length === 1);
  const b = await page.identify({ id: "B" });
  release();
  expect(await a).toMatchObject({ name: "IdentifyError", code: "superseded" });
  await page.window.happyDOM.waitUntilComplete();
  expect(page.identify.current).toBe(b);
  expect(page.stated()).toBe("B");
  expect(page.heard()).toEqual(["ready", "identified"]);
});

test("A to B to A ends as A", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const outcomes = await Promise.allSettled(["A", "B", "A"].map((id) => page.identify({ id })));
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  expect(page.identify.current?.id).toBe("A");
});

test("a log-out stops what is under way and leaves nothing behind", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const { behaviour, release } = holding("A");
  exchange.behave(behaviour);
  const a = refused(page.identify({ id: "A" }));
  await eventually("A has arrived", () => exchange.received.length === 1);
  page.identify.reset();
  release();
  expect((await a).code).toBe("superseded");
  await page.window.happyDOM.waitUntilComplete();
  expect(page.identify.current).toBeNull();
  expect(page.stated()).toBeNull();
  expect(page.heard()).toEqual(["ready", "reset"]);
});

test("a log-out wins at every moment of an answer's arrival", async () => {
  await using exchange = await startExchange();
  for (let moment = 0; moment < 25; moment++) {
    await using page = await openPage(exchange, {
      before: `const answer = ${JSON.stringify(identified("A").body)};
        window.fetch = async () => ({ ok: true, status: 200, headers: new Headers(), async json() {
          let later = Promise.resolve();
          for (let i = 0; i < ${moment}; i++) later = later.then(() => {});
          later.then(() => VambeIdentify.reset());
          return answer;
        } });`,
    });
    await page.identify({ id: "A" }).catch(() => {});
    await eventually("the log-out", () => page.heard().includes("reset"));
    expect([moment, page.identify.current, page.stated()]).toEqual([moment, null, null]);
    expect(page.heard().at(-1)).toBe("reset");
  }
});

test("VambeIdentify(null) logs out, and is a promise like every other call", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" });
  await expect(page.identify(null)).resolves.toBeNull();
  expect(page.identify.current).toBeNull();
  expect(page.stated()).toBeNull();
});

test("a reset inside a handler does not loop", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, {
    before: `for (const type of ["ready", "identified", "reset"])
      addEventListener("vambe:" + type, () => VambeIdentify.reset());`,
  });
  await page.identify({ id: "A" });
  await page.window.happyDOM.waitUntilComplete();
  expect(page.heard()).toEqual(["ready", "identified", "reset"]);
});

test("identical calls share one exchange and one promise while it is under way", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const user = () => ({ id: "A", plan: "free", fields: { since: new Date(0), seats: 3 } });
  const calls = Array.from({ length: 1000 }, () => page.identify(user()));
  expect(new Set(calls).size).toBe(1);
  await Promise.all(calls);
  expect(exchange.received).toHaveLength(1);
});

test("an identical call after success is answered from the fresh token", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const identity = await page.identify({ id: "A" });
  expect(await page.identify({ id: "A" })).toBe(identity);
  expect(exchange.received).toHaveLength(1);
});

test("an identical call with less than a minute of the token left asks again", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(({ user }) => identified(user.id, { expiresIn: 59 }));
  await page.identify({ id: "A" });
  await page.identify({ id: "A" });
  expect(exchange.received).toHaveLength(2);
});

test.each([
  ["name", { name: "J." }],
  ["email", { email: "j@example.com" }],
  ["plan", { plan: "premium" }],
  ["proof", { proof: "another" }],
  ["user_hash", { user_hash: "ff" }],
  ["a custom field", { fields: { seats: 4 } }],
  ["a field removed", { fields: {} }],
  ["an unknown trait", { nickname: "J" }],
])("a change of %s goes through", async (_, change) => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const user = { id: "A", name: "Jane", fields: { seats: 3 } };
  await page.identify(user);
  await page.identify({ ...user, ...change });
  expect(exchange.received).toHaveLength(2);
  const { proof, ...traits } = { proof: null, ...user, ...change };
  expect(exchange.received[1]).toEqual({ user: traits, proof });
});

test("what the page changes in its object after the call has no effect", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const user = { id: "A", plan: "free" };
  const call = page.identify(user);
  user.plan = "premium";
  await call;
  expect(exchange.received[0]?.user.plan).toBe("free");
});

test("the same person with another plan stays known while the change is under way", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  const before = await page.identify({ id: "A", plan: "free" });
  const call = page.identify({ id: "A", plan: "premium" });
  expect(page.identify.current).toBe(before);
  await call;
});

test("another person is unknown until the exchange has answered", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" });
  const call = page.identify({ id: "B" });
  expect(page.identify.current).toBeNull();
  expect((await call).id).toBe("B");
});

test("on a page that asks for no consent, to give it changes nothing, and to take it back logs out", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, {
    before: `window.VambeIdentify = Object.assign((...call) => void (VambeIdentify.q ??= []).push(call),
      { consent: (yes) => VambeIdentify("consent", yes) });
      VambeIdentify.consent(true);`,
  });
  await page.identify({ id: "A" });
  page.identify.consent(true);
  expect(page.identify.current?.id).toBe("A");
  page.identify.consent(false);
  expect(page.identify.current).toBeNull();
  await page.window.happyDOM.waitUntilComplete();
  expect(page.heard()).toEqual(["ready", "identified", "reset"]);
});
