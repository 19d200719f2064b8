import type { Tab } from "./driver/tab.ts";

/** What witness.js, which stands first in every page, answers. */
export interface Witness {
  /** All that the page's owner would mind so far. */
  noted(): {
    errors: string[];
    rejections: string[];
    violations: string[];
    console: string[];
    globals: string[];
    cookie: string;
  };
  /** What the console was given beside errors: a developer's matter, which a page's owner need not mind. */
  warnings(): string[];
  /** Violation reports so far, which then count no more. */
  takeViolations(): string[];
  /** What is no longer as it was of all that the page's scripts share. */
  changedProperties(): string[];
}

export const askWitness = <Question extends keyof Witness>(tab: Tab, question: Question) =>
  tab.evaluate((name) => Reflect.get(window, Symbol.for("witness"))[name](), question) as Promise<
    ReturnType<Witness[Question]>
  >;
