import { readFileSync } from "node:fs";
import type { BrowserContextOptions } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../../inspector/site.ts";
import { type AdminWorld, startAdminWorld } from "../../support/admin.ts";
import { reply, startUpstream } from "../../support/upstream.ts";

/** The admin page as operators use it, with an exchange that Vambe refuses a contact of. */

const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };
const TELEPHONE = { width: 390, height: 844 };
const axe = readFileSync(new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const refusal = reply(400, JSON.stringify({ statusCode: 400, message: "stageId does not exist" }));

const browser = await launchChromium();
const upstream = await startUpstream(reply(201));
let world: AdminWorld;
beforeAll(async () => {
  world = await startAdminWorld({ apiUrl: upstream.url });
  await world.signIn("ana", jane);
  upstream.behave(refusal);
  expect((await world.signIn("bruno", jane)).identity().status).toBe("rejected");
  await world.page.identify({ id: "ana" }, "no proof at all");
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await browser.close();
});

async function openPage(path = "/", options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ locale: "en-US", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() !== "log" && complaints.push(message.text()));
  page.on("pageerror", ({ message }) => complaints.push(message));
  await page.goto(world.admin.url + path);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

test("what comes in is shown without a reload", async () => {
  await using open = await openPage();
  const { page, complaints } = open;
  await page.getByText("stageId does not exist").waitFor();
  await world.page.identify({ id: "nobody" }, world.proofFor("somebody"));
  await page.getByText("The proof is for another user").waitFor();
  await page.getByText(/\b2 refused\b/).waitFor();
  expect(complaints).toEqual([]);
});

test("what was rejected is looked at and tried again, by the keyboard alone", async () => {
  await using open = await openPage();
  const { page } = open;
  const row = page.getByRole("row", { name: /bruno/ });
  await row.getByRole("button", { name: "Try again bruno" }).focus();
  await page.keyboard.press("Enter");
  const question = page.getByRole("alertdialog", { name: "Try the user bruno again at once?" });
  await question.waitFor();
  // Nothing is done yet, and the question has the focus.
  expect(await question.evaluate((box) => box === document.activeElement)).toBe(true);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await question.waitFor({ state: "detached" });
  expect((await world.admin.find("bruno"))?.users).toMatchObject([{ state: "rejected" }]);
  upstream.behave(reply(201));
  await row.getByRole("button", { name: "Try again bruno" }).click();
  await page.getByRole("button", { name: "Yes, try again" }).click();
  await page.getByRole("status").filter({ hasText: "Due now: 1." }).waitFor();
  await page.getByText("Nothing waits.").waitFor();
});

test("without scripts a user is found, and forgotten after a question", async () => {
  await using open = await openPage("/", { javaScriptEnabled: false });
  const { page } = open;
  await world.signIn("leaves", jane);
  await page.getByRole("searchbox").fill("leaves");
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("button", { name: "Forget leaves" }).click();
  await page.getByText("Erase all that is kept here of the user leaves?").waitFor();
  expect((await world.admin.find("leaves"))?.users).toHaveLength(1);
  await page.getByRole("button", { name: "Yes, forget" }).click();
  await page.getByText("Forgotten: the database knows nothing of this user any more.").waitFor();
  expect((await world.admin.find("leaves"))?.users).toEqual([]);
});

test("an exchange that is gone is said to be gone, and comes back by itself", async () => {
  await using open = await openPage();
  const { page } = open;
  await page.getByText("All is well").waitFor();
  await world.exchange.stop();
  await page.getByRole("alert").filter({ hasText: "The exchange does not answer this page" }).waitFor();
  await world.exchange.restart();
  await page.getByRole("alert").waitFor({ state: "detached" });
  // A form of before the restart does nothing, and says what to do.
  await page.getByRole("button", { name: "Send all again" }).click();
  await page.getByRole("button", { name: "Yes, send again" }).click();
  await page.getByRole("alert").filter({ hasText: "Load the page again" }).waitFor();
});

const LANGUAGES = ["en-US", "es-MX", "pt-BR"];
const VIEWS = ["/", "/?q=ana", "/?q=nobody", "/?ask=forget&user=ana", "/?done=retry&rows=1"];

test.each(LANGUAGES)("on a telephone nothing stands beside the screen, in %s", async (locale) => {
  for (const path of VIEWS) {
    await using open = await openPage(path, { locale, viewport: TELEPHONE });
    const width = await open.page.evaluate(() => document.documentElement.scrollWidth);
    expect([path, width]).toEqual([path, TELEPHONE.width]);
  }
});

test.each(
  LANGUAGES.flatMap((locale) => (["light", "dark"] as const).map((colorScheme) => ({ locale, colorScheme }))),
)("axe finds nothing in $locale, $colorScheme", async (settings) => {
  upstream.behave(refusal);
  await world.signIn("refused", jane);
  for (const path of VIEWS) {
    await using open = await openPage(path, settings);
    const { page } = open;
    await page.evaluate(axe);
    const { violations, incomplete } = await page.evaluate<AxeResults>("axe.run()");
    const found = [...violations, ...incomplete].map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
    expect([path, found]).toEqual([path, []]);
  }
});
