import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openPage, refused, startExchange } from "./page.ts";
import { identified, problem, type StandIn } from "./stand-in-exchange.ts";

/** A getProof that gives proof-1, proof-2 … */
function numbered() {
  let count = 0;
  return async () => `proof-${++count}`;
}

const proofs = (exchange: StandIn) => exchange.received.map(({ proof }) => proof);

test("getProof is asked at first", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" }, { getProof: numbered() });
  expect(proofs(exchange)).toEqual(["proof-1"]);
});

test("a proof that the page brings along spares getProof the first call", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A", proof: "own" }, { getProof: numbered() });
  expect(proofs(exchange)).toEqual(["own"]);
});

test("getProof is asked once more after a refusal as expired", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(({ user }, count) => (count === 1 ? problem("proof-expired", 401) : identified(user.id)));
  expect((await page.identify({ id: "A", proof: "old" }, { getProof: numbered() })).id).toBe("A");
  expect(proofs(exchange)).toEqual(["old", "proof-1"]);
  expect(page.heard()).toEqual(["ready", "identified"]);
});

test("a second refusal as expired is the answer", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(() => problem("proof-expired", 401));
  expect((await refused(page.identify({ id: "A" }, { getProof: numbered() }))).code).toBe("proof-expired");
  expect(proofs(exchange)).toEqual(["proof-1", "proof-2"]);
});

test("another refusal does not bother getProof again", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(() => problem("proof-signature", 401));
  await refused(page.identify({ id: "A" }, { getProof: numbered() }));
  expect(proofs(exchange)).toEqual(["proof-1"]);
});

test.each([
  ["rejects", () => Promise.reject(new Error("401"))],
  [
    "throws",
    () => {
      throw new Error("bug");
    },
  ],
  ["gives nothing", async () => ""],
  ["gives an object", async () => ({}) as unknown as string],
])("a getProof that %s is a failed proof, and nothing is sent", async (_, getProof) => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  expect((await refused(page.identify({ id: "A" }, { getProof }))).code).toBe("proof-failed");
  expect(exchange.received).toHaveLength(0);
});

test("the token is renewed with a new proof a minute before it expires", async () => {
  await using exchange = await startExchange();
  const timers = (ms: number) => (ms > 10_000 ? 5 : ms);
  await using page = await openPage(exchange, { timers });
  exchange.behave(({ user }, count) => identified(user.id, { token: `token-${count}`, expiresIn: 240 }));
  await page.identify({ id: "A", proof: "own" }, { getProof: numbered() });
  await eventually("the renewal is planned", () => page.pauses.some((ms) => ms > 170_000));
  page.passTime(178_000);
  await new Promise((resume) => setTimeout(resume, 50));
  expect(exchange.received).toHaveLength(1);
  page.passTime(3_000);
  await eventually("the token is renewed", () => page.identify.current?.token === "token-2");
  expect(proofs(exchange)).toEqual(["own", "proof-1"]);
  expect(page.heard()).toEqual(["ready", "identified", "identified"]);
});

test("a visitor's clock that is an hour fast does not make the page renew over and over", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  page.passTime(3_600_000);
  await page.identify({ id: "A" }, { getProof: numbered() });
  page.run(`dispatchEvent(new Event("online"))`);
  await new Promise((resume) => setTimeout(resume, 50));
  expect(exchange.received).toHaveLength(1);
});

test("a newer call without getProof is not renewed in the older one's stead", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" }, { getProof: numbered() });
  await page.identify({ id: "B", proof: "own" });
  page.passTime(8 * 3_600_000);
  page.run(`dispatchEvent(new Event("online"))`);
  await page.window.happyDOM.waitUntilComplete();
  expect(proofs(exchange)).toEqual(["proof-1", "own"]);
});

test("a laptop that slept past the expiry renews when it wakes", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(({ user }, count) => identified(user.id, { token: `token-${count}` }));
  await page.identify({ id: "A" }, { getProof: numbered() });
  page.passTime(8 * 3_600_000);
  page.run(`dispatchEvent(new Event("online"))`);
  await eventually("the token is renewed", () => page.identify.current?.token === "token-2");
});

test("a renewal that fails is said, tried again, and leaves the person known", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  exchange.behave(({ user }, count) =>
    count === 2 ? problem("internal-error", 500) : identified(user.id, { token: `token-${count}` }),
  );
  await page.identify({ id: "A" }, { getProof: numbered() });
  const wake = () => {
    page.passTime(15 * 60_000);
    page.run(`dispatchEvent(new Event("online"))`);
  };
  wake();
  await eventually("the failure is said", () => page.heard().includes("error"));
  expect(page.identify.current?.token).toBe("token-1");
  wake();
  await eventually("the token is renewed", () => page.identify.current?.token === "token-3");
});

test("nothing is renewed after a log-out", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange);
  await page.identify({ id: "A" }, { getProof: numbered() });
  page.identify.reset();
  page.passTime(8 * 3_600_000);
  page.run(`dispatchEvent(new Event("online"))`);
  await page.window.happyDOM.waitUntilComplete();
  expect(exchange.received).toHaveLength(1);
});
