import { afterAll, beforeAll, test } from "vitest";
import { type Demo, startDemo } from "../../demo/start.ts";
import type { Browser, EngineName } from "../browsers/driver/browser.ts";
import { ENGINES, reasonToSkip } from "../browsers/driver/engines.ts";
import type { Tab } from "../browsers/driver/tab.ts";
import { type RecordedAnswer, type RecordingProxy, startRecordingProxy } from "./recording-proxy.ts";
import { createVisitor, type Visitor } from "./visitor.ts";

export interface InTheDemo {
  demo: Demo;
  /** A tab with the demo's page in it. */
  tab: Tab;
  visitor: Visitor;
  /** Everything that the browser was sent in this scenario. */
  received(): readonly RecordedAnswer[];
  /** From now on, no request for that path gets an answer. */
  block(path: string): void;
}

export type DemoScenario = (promise: string, play: (stage: InTheDemo) => Promise<void>) => void;

/** Plays scenarios in one engine. Each has a demo of its own, on free ports. */
export function playDemoIn(name: EngineName, ...parts: ((scenario: DemoScenario) => void)[]): void {
  const engine = ENGINES[name];
  const skipped = reasonToSkip(engine);
  let browser: Browser;
  let proxy: RecordingProxy;
  beforeAll(async () => {
    if (skipped) return;
    proxy = await startRecordingProxy();
    browser = await engine.launch({ proxy: proxy.address });
  });
  afterAll(async () => {
    await browser?.close();
    await proxy?.[Symbol.asyncDispose]();
  });

  const scenario: DemoScenario = (promise, play) => {
    const title = `${name}: ${promise}${skipped ? ` (not run: ${skipped})` : ""}`;
    test.skipIf(skipped)(title, async () => {
      proxy.forget();
      const demo = await startDemo({ ports: { site: 0, exchange: 0, vambe: 0 } });
      try {
        const tab = await browser.open(demo.siteUrl);
        const visitor = createVisitor(tab);
        await visitor.arrives();
        await play({ demo, tab, visitor, received: proxy.answers, block: proxy.block });
        await tab.close();
      } finally {
        await demo.close();
      }
    });
  };
  for (const part of parts) part(scenario);
}
