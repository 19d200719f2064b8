import fc from "fast-check";
import { expect, test } from "vitest";
import { responseFor } from "./answers.ts";
import { Browser } from "./browser.ts";
import { buildAll } from "./bundles.ts";
import { checkEnd } from "./check.ts";
import { STEPS } from "./commands.ts";
import { Model } from "./model.ts";

const SEQUENCES = Number(process.env.VAMBE_TEST_SEQUENCES ?? 5000);
const seed = Number(process.env.VAMBE_TEST_SEED ?? Date.now() % 2 ** 31);
const bundles = await buildAll();

const start = () => {
  const browser = new Browser(bundles, ["script", "module", "asking"]);
  return { model: new Model(browser), real: browser };
};

/** Thaws everybody, mends the network, answers whatever is asked, and lets three quarters of an hour pass. */
async function end(browser: Browser) {
  browser.full = false;
  for (const tab of browser.tabs) {
    tab.thaw();
    tab.offline = false;
    tab.answerer = (id) => responseFor("delivered", id);
    for (const request of [...tab.requests]) request.answer(responseFor("delivered", request.id));
    tab.task(() => tab.fire("online"));
  }
  await browser.settle();
  await browser.clock.pass(45 * 60_000, () => browser.settle());
  await browser.settle();
}

/** Who can be renewed is, however the clocks go: `then` says what the machine does meanwhile. */
async function checkRenewals(model: Model, browser: Browser, then: () => Promise<void>) {
  const before = browser.tabs.map(({ sent }) => sent);
  await then();
  await browser.settle();
  for (const [at, tab] of browser.tabs.entries()) {
    if (tab.current && model.page(tab).getProof && tab.sent === before[at]) {
      throw new Error(`tab ${at} (${tab.kind}) keeps a token that has expired`);
    }
  }
}

test(`in any order of calls, answers, events of tabs and jumps of the clock there is one truth (seed ${seed})`, async () => {
  console.log(`${SEQUENCES} sequences; VAMBE_TEST_SEED=${seed} plays them again`);
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(STEPS, { maxCommands: 60, size: "max" }), async (commands) => {
      const { model, real } = start();
      await fc.asyncModelRun(() => ({ model, real }), commands);
      steps += model.step;
      await end(real);
      checkEnd(model, real);
      await checkRenewals(model, real, async () => {
        real.clock.wall -= 7_200_000;
        await real.clock.pass(15 * 60_000, () => real.settle());
      });
      await checkRenewals(model, real, async () => {
        // The machine sleeps: the timers stand still, and in some browsers their clock does.
        real.clock.wall += 3_600_000;
        for (const tab of real.tabs) tab.task(() => tab.fire("visibilitychange"));
      });
      checkEnd(model, real);
    }),
    { seed, numRuns: SEQUENCES },
  );
  expect(steps).toBeGreaterThan(SEQUENCES);
});
