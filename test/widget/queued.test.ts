import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openPage, type Page, startExchange } from "./page.ts";
import { identified, problem } from "./stand-in-exchange.ts";

/** Minutes pass in no time, and only the deadline is as long as ever. */
const lookingSoon = (ms: number) => (ms === 10_000 ? ms : ms / 500);

/** What the page waited before it asked, as far as that was more than a pause within one attempt, or its deadline. */
const looks = ({ pauses }: Page) => pauses.filter((ms) => ms > 2000 && ms !== 10_000);
/** Half a minute for each 60 milliseconds, as the page has it. */
const soon = () => new Promise((resume) => setTimeout(resume, 300));
/** Puts the tab behind another, or in front again. */
const hide = (page: Page, hidden = true) =>
  page.run(
    `Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
     document.dispatchEvent(new Event("visibilitychange", { bubbles: true }))`,
  );

/** A page whose user is queued. Its clock follows its hurried timers. */
async function queuedPage(
  options: {
    proof?: string;
    getProof?: () => Promise<string>;
    /** What chance says each time, from 0 to 1. */
    random?: number;
    /** Seconds. */
    expiresIn?: number;
  } = { proof: "own" },
) {
  const exchange = await startExchange();
  const page = await openPage(exchange, {
    timers: lookingSoon,
    // While a task runs no time passes, or a millisecond of a busy machine would be half a second.
    before: `Date.now = ((now, since, read) => () => {
        if (read === undefined) {
          read = since + (now() - since) * 500;
          queueMicrotask(() => { read = undefined; });
        }
        return read;
      })(Date.now, Date.now());
      ${options.random === undefined ? "" : `Math.random = () => ${options.random};`}`,
  });
  const { proof, getProof, expiresIn = 900_000 } = options;
  exchange.behave(({ user }) => identified(user.id, { status: "queued", expiresIn }));
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

test.each([0, 0.5, 0.999])(
  "it is asked after again and again, after pauses that grow to minutes, and no news is no event; by chance %d",
  async (random) => {
    await using site = await queuedPage({ proof: "own", random });
    const { page, exchange } = site;
    await eventually("seven looks", () => exchange.received.length === 8);
    const seconds = looks(page).map((ms) => ms / 1000 / (0.5 + random));
    for (const [at, pause] of [5, 15, 45, 135, 240, 240, 240].entries())
      expect(Math.abs((seconds[at] ?? 0) - pause)).toBeLessThan(0.1);
    expect(new Set(exchange.received.map(({ proof }) => proof))).toEqual(new Set(["own"]));
    expect(page.heard()).toEqual(["ready", "identified"]);
  },
);

test("a hidden tab does not ask; once it is looked at, it asks at once", async () => {
  await using site = await queuedPage({ proof: "own", random: 0.5 });
  const { page, exchange } = site;
  hide(page);
  await soon();
  expect(exchange.received).toHaveLength(1);
  exchange.behave(({ user }) => identified(user.id, { status: "unchanged" }));
  hide(page, false);
  await eventually("it has arrived", () => page.identify.current?.status === "unchanged");
  expect(exchange.received).toHaveLength(2);
  hide(page);
  hide(page, false);
  await soon();
  expect(exchange.received).toHaveLength(2);
});

test("a tab that is looked at again does not wait for the next look", async () => {
  await using site = await queuedPage({ proof: "own", random: 0.5 });
  const { page } = site;
  await eventually("the pause is one of minutes", () => looks(page).length >= 5);
  const asksAtOnce = () => {
    const pauses = page.pauses.length;
    for (let time = 0; time < 20; time++) {
      hide(page);
      hide(page, false);
    }
    // An attempt begins with its deadline.
    return page.pauses.slice(pauses).filter((ms) => ms === 10_000).length;
  };
  const asked = await eventually(
    "it asks in the same turn, once the last time is five seconds ago",
    asksAtOnce,
  );
  expect(asked).toBe(1);
});

test("and asks no more than every five seconds, however often it is looked at", async () => {
  await using exchange = await startExchange();
  await using page = await openPage(exchange, { before: "Math.random = () => 0.999" });
  exchange.behave(({ user }) => identified(user.id, { status: "queued" }));
  await page.identify({ id: "A", proof: "own" });
  await eventually("the next look is planned", () => looks(page).length === 1);
  const pauses = page.pauses.length;
  for (let time = 0; time < 5; time++) {
    hide(page);
    hide(page, false);
  }
  const planned = page.pauses.slice(pauses).filter((ms) => ms !== 10_000);
  expect(planned.length).toBeGreaterThan(0);
  expect(Math.max(...planned)).toBeLessThanOrEqual(7500);
  expect(planned.at(-1)).toBeLessThanOrEqual(5000);
  expect(exchange.received).toHaveLength(1);
});

test("with getProof a hidden tab has its token renewed, and asks for nothing else", async () => {
  let proofs = 0;
  await using site = await queuedPage({
    getProof: async () => `proof-${++proofs}`,
    random: 0.5,
    expiresIn: 900,
  });
  const { page, exchange } = site;
  hide(page);
  await eventually("it was renewed", () => exchange.received.length === 2, { withinMs: 20_000 });
  expect(exchange.received[1]?.proof).toBe("proof-2");
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

test("an exchange that is away, or has too much to do, is asked again without a word", async () => {
  await using site = await queuedPage();
  const { page, exchange } = site;
  exchange.behave(({ user }, count) => {
    if (count > 9) return identified(user.id, { status: "unchanged" });
    return count > 5 ? problem("rate-limited", 429) : { status: 503, body: "" };
  });
  await eventually("it has arrived", () => page.identify.current?.status === "unchanged");
  expect(page.heard()).toEqual(["ready", "identified", "identified"]);
});

test("after a log-out nobody is asked after", async () => {
  await using site = await queuedPage();
  site.page.identify.reset();
  await soon();
  expect(site.exchange.received).toHaveLength(1);
});
