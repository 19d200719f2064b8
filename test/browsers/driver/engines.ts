import type { Engine, EngineName } from "./browser.ts";
import { chromium, firefox } from "./puppeteer.ts";
import { webkit } from "./webkit.ts";

export const ENGINES: Record<EngineName, Engine> = { Chromium: chromium, Firefox: firefox, WebKit: webkit };

/** Engines that a run must not skip: .ci/run names those that it has installed. */
const required = new Set(process.env.VAMBE_TEST_BROWSERS?.split(","));

/** Why the engine's tests are not run, where this machine does not have it and need not. */
export const reasonToSkip = ({ name, missing }: Engine): string | undefined =>
  required.has(name) ? undefined : missing;
