import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openPage, type Page, startExchange } from "./page.ts";
import { identified, problem } from "./stand-in-exchange.ts";

/** Minutes pass in no time, and only the deadline is as long as ever. */
const lookingSoon = (ms: number) => (ms === 10_000 ? ms : ms / 500);

const looks = ({ pauses }: Page) => pauses.filter((ms) => ms % 5000 < 2 || ms % 5000 > 4900).map(Math.round);
const soon = () => new Promise((resume) => setTimeout(resume, 300));

/** A page whose user is queued. Its clock follows its hurried timers. */
async function queuedPage(options: { proof?: string; getProof?: () => Promise<string> } = { proof: "own" }) {
  const exchange = await startExchange();
  const page = await openPage(exchange, {
    timers: lookingSoon,
    before: `Date.now = ((now, since) => () => since + (now() - since) * 500)(Date.now, Date.now());`,
  });
  exchange.behave(({ user }) => identified(user.id, { status: "queued", expiresIn: 900_000 }));
  const { proof, getProof } = options;
  const identity = await page.identify(
    { id: "A", ...(proof && { proof }) },
    { ...(getProof && { getProof }) },
  );
  return {
    exchange,
    page,
    identity,
    statuses: () =>
      page.events.flatMap(([, detail]) => (detail && (detail as { status?: unknown }).status) ?? []),
    async [Symbol.asyncDispose]() {
      await page[Symbol.asyncDispose]();
      await exchange[Symbol.asyncDispose]();
    },
  };
}

test("a contact that was queued is asked after with the same proof, until it has arrived", async () => {
  await using site = await queuedPage();
  const { page, exchange } = site;
  exchange.behave(({ user }, count) =>
    identified(user.id, { status: count > 2 ? "unchanged" : "queued", expiresIn: 900_000 }),
  );
  await eventually("it has arrived", () => page.identify.current?.status === "unchanged");
  await soon();
  expect(exchange.received.map(({ proof }) => proof)).toEqual(["own", "own", "own"]);
  expect(site.statuses()).toEqual(["queued", "unchanged"]);
  expect((await page.identify({ id: "A", proof: "own" })).status).toBe("unchanged");
});

test("it is asked after three times, after longer and longer pauses, and no news is no event", async () => {
  await using site = await queuedPage();
  const { page, exchange } = site;
  await eventually("three looks", () => exchange.received.length === 4);
  await soon();
  expect(exchange.received).toHaveLength(4);
  const pauses = looks(page).filter((ms) => ms !== 10_000);
  expect(pauses).toEqual([5000, 15_000, 45_000]);
  expect(page.heard()).toEqual(["ready", "identified"]);
});

test("a page that is offline asks when it no longer is", async () => {
  await using site = await queuedPage();
  const { page, exchange } = site;
  const become = (online: boolean) =>
    `Object.defineProperty(navigator, "onLine", { value: ${online}, configurable: true })`;
  page.run(become(false));
  // Half a minute, as the page's clock has it: the first look was due after five seconds.
  await new Promise((resume) => setTimeout(resume, 60));
  expect(exchange.received).toHaveLength(1);
  exchange.behave(({ user }) => identified(user.id, { status: "unchanged" }));
  page.run(`${become(true)}; dispatchEvent(new Event("online"))`);
  await eventually("it has arrived", () => page.identify.current?.status === "unchanged");
});

test("a proof that has expired ends it without a word where there is no getProof", async () => {
  await using site = await queuedPage();
  const { page, exchange, identity } = site;
  exchange.behave(() => problem("proof-expired", 401));
  await eventually("the look", () => exchange.received.length === 2);
  await soon();
  expect(exchange.received).toHaveLength(2);
  expect(page.heard()).toEqual(["ready", "identified"]);
  expect(page.identify.current).toBe(identity);
  expect(await page.identify({ id: "A", proof: "own" })).toBe(identity);
});

test("with getProof the proof at hand is used while it holds, and a new one after it", async () => {
  let proofs = 0;
  await using site = await queuedPage({ getProof: async () => `proof-${++proofs}` });
  const { page, exchange } = site;
  exchange.behave(({ user, proof }, count) => {
    if (count === 3) return problem("proof-expired", 401);
    return identified(user.id, { status: proof === "proof-2" ? "unchanged" : "queued" });
  });
  await eventually("it has arrived", () => page.identify.current?.status === "unchanged");
  expect(exchange.received.map(({ proof }) => proof)).toEqual(["proof-1", "proof-1", "proof-1", "proof-2"]);
});

test("an exchange that is away for one look is asked again at the next", async () => {
  await using site = await queuedPage();
  const { page, exchange } = site;
  exchange.behave(({ user }, count) =>
    count < 5 ? { status: 503, body: "" } : identified(user.id, { status: "unchanged" }),
  );
  await soon();
  expect(page.heard()).not.toContain("error");
});

test("after a log-out nobody is asked after", async () => {
  await using site = await queuedPage();
  site.page.identify.reset();
  await soon();
  expect(site.exchange.received).toHaveLength(1);
});
