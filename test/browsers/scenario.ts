import { afterAll, beforeAll, test } from "vitest";
import type { Browser, EngineName } from "./driver/browser.ts";
import { ENGINES, reasonToSkip } from "./driver/engines.ts";
import type { RunningExchange } from "./running-exchange.ts";
import { type Misbehaving, type Stage, withExchange, withStandIn } from "./stage.ts";

/** Says what a visitor or a site sees, as the title of a test, and plays it. */
type Scenario<Exchange extends { url: string }> = (
  promise: string,
  play: (stage: Stage<Exchange>) => Promise<void>,
) => void;

export interface Scenarios {
  scenario: Scenario<RunningExchange>;
  /** With an exchange that misbehaves as it is told. */
  scenarioWithStandIn: Scenario<Misbehaving>;
}

/**
 * Plays scenarios in one engine, all in the same browser. Each has a site of its own on a port of its own, so
 * none finds anything that another one stored; and after each, no page may have been harmed.
 */
export function playIn(name: EngineName, ...parts: ((scenarios: Scenarios) => void)[]): void {
  const engine = ENGINES[name];
  const skipped = reasonToSkip(engine);
  let browser: Browser;
  beforeAll(async () => {
    if (!skipped) browser = await engine.launch();
  });
  afterAll(() => browser?.close());

  const scenarios =
    <Exchange extends { url: string }>(
      setUp: (browser: Browser) => Promise<Stage<Exchange>>,
    ): Scenario<Exchange> =>
    (promise, play) => {
      const title = `${name}: ${promise}${skipped ? ` (not run: ${skipped})` : ""}`;
      test.skipIf(skipped)(title, async () => {
        await using stage = await setUp(browser);
        await play(stage);
        await stage.checkThatNoPageWasHarmed();
      });
    };
  const each = { scenario: scenarios(withExchange), scenarioWithStandIn: scenarios(withStandIn) };
  for (const part of parts) part(each);
}
