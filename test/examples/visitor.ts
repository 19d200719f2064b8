import { chromium, type Page } from "@playwright/test";
import chromiumFromNpm from "@sparticuz/chromium";
import { type RunningExample, type StartOptions, startExample, whatIsMissing } from "../../examples/start.ts";
import { eventually } from "../support/eventually.ts";

/** Programs that a run must not skip: .ci/run names the examples that it has installed everything for. */
const required = new Set(process.env.VAMBE_TEST_EXAMPLES?.split(","));

/** Why an example is not run, where this machine does not have what it takes and need not. */
export const reasonToSkip = (name: string): string | undefined =>
  required.has(name) ? undefined : whatIsMissing(name);

export type Visitor = Awaited<ReturnType<typeof visitExample>>;

/** Starts an example as `npm run example` does, and a browser to look at it with. */
export async function visitExample(name: string, options: StartOptions = {}) {
  await using opening = new AsyncDisposableStack();
  const example = opening.use(await startExample(name, { anyPort: true, ...options }));
  const browser = await chromium.launch({
    executablePath: await chromiumFromNpm.executablePath(),
    args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
  });
  opening.defer(() => browser.close());
  const context = await browser.newContext();
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (/warning|error/.test(message.type())) complaints.push(message.text());
  });
  context.on("weberror", (fault) => complaints.push(String(fault.error())));
  const page = await context.newPage();

  const opened = opening.move();
  return {
    example,
    context,
    page,
    /** What the pages have complained of: errors, and whatever the console has as a warning or an error. */
    complaints,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The contact with this id at the stand-in for Vambe, as soon as it is there. */
export const contactOf = ({ vambe }: RunningExample, id: string) =>
  eventually(`Vambe has ${id}`, () => vambe.contacts().find((contact) => contact.external_user_id === id));

/** What the page says of the chat. */
export const saidOfChat = (page: Page, text: string) => page.getByRole("status").getByText(text).waitFor();

/** What a page and the tabs beside it know of the user. */
export const known = (page: Page) =>
  page.evaluate(() => [window.VambeIdentify?.current?.id ?? null, localStorage.getItem("vambe-identity")]);
