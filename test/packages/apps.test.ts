import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPage, renderOnServer } from "./build-app.ts";
import { FRAMEWORKS } from "./frameworks.ts";
import { packPackage, run } from "./packed.ts";
import { openShop, type Shop } from "./shop.ts";

const packed = packPackage();
afterAll(() => packed[Symbol.dispose]());

const docs = readFileSync(new URL("../../docs/frameworks.md", import.meta.url), "utf8");
declare global {
  interface Window {
    /** What `angular-app` has started. */
    app: { whenStable(): Promise<void> };
    /** What `vue-app` has opened. */
    store: { signIn(id: string): Promise<void>; close(): void };
  }
}

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const badge = (page: Page) => page.locator("vambe-identity");

const frameworks = ["react", "react18", "preact", "vue", "svelte", "angular"] as const;

describe.each(frameworks)("the packed tarball in an empty app with %s", (framework) => {
  let shop: Shop;
  let rendered: string;
  let pages: Record<"shipped" | "strict" | "hydrated", string>;

  beforeAll(async () => {
    shop = await openShop(framework, packed);
    rendered = renderOnServer(shop.app);
    pages = {
      shipped: buildPage(shop, "shipped"),
      strict: buildPage(shop, "strict", { development: true }),
      hydrated: buildPage(shop, "hydrated", { rendered, development: true }),
    };
  });
  afterAll(() => shop?.[Symbol.asyncDispose]());

  test.each(["shipped", "strict"] as const)("identifies with exactly one request, %s", async (built) => {
    await using tab = await shop.visit(pages[built]);
    const { page } = tab;
    await press(page, "I am Ana");
    await page.getByText("The chat knows ana-1.").waitFor();
    await badge(page).getByText("Ana Rivera").waitFor();
    await page.locator("output", { hasText: "identified" }).waitFor();
    await page.waitForLoadState("networkidle");
    expect(tab.identified).toEqual(["ana-1"]);
    expect(tab.complaints).toEqual([]);
  });

  test("another object that says the same is the same user; another plan, user or nobody is not", async () => {
    await using tab = await shop.visit(pages.strict);
    const { page, identified } = tab;
    await press(page, "I am Ana");
    await page.getByText("The chat knows ana-1.").waitFor();
    await press(page, "Another object");
    const updated = page.waitForResponse("**/identify");
    await press(page, "Another plan");
    await updated;
    await press(page, "I am Bruno");
    await page.getByText("The chat knows bruno-2.").waitFor();
    expect(identified).toEqual(["ana-1", "ana-1", "bruno-2"]);

    await press(page, "Sign out");
    await page.getByText("The chat knows nobody.").waitFor();
    await badge(page).getByText("Bruno Costa").waitFor({ state: "detached" });
    expect(await page.evaluate(() => [window.VambeIdentify?.current, { ...localStorage }])).toEqual([
      null,
      { "vambe-identity": expect.stringMatching(/^\[null,/) },
    ]);
    expect(identified).toHaveLength(3);
  });

  test("after a failure, the same user is not tried again by every render, and another user is", async () => {
    await using tab = await shop.visit(pages.strict);
    const { page, proofs } = tab;
    await press(page, "I say I am Ana");
    await page.getByText("The chat does not know you: proof-failed").waitFor();
    await press(page, "Another object");
    await press(page, "I say I am Ana");
    await press(page, "I am Bruno");
    await page.getByText("The chat knows bruno-2.").waitFor();
    expect(proofs).toHaveLength(2);
  });

  test("after a reload, whoever signs in again is identified again, with one request", async () => {
    await using tab = await shop.visit(pages.strict);
    const { page } = tab;
    await press(page, "I am Ana");
    await page.getByText("The chat knows ana-1.").waitFor();
    await page.reload();
    await page.getByText("The chat knows nobody.").waitFor();
    await press(page, "I am Ana");
    await page.getByText("The chat knows ana-1.").waitFor();
    await page.waitForLoadState("networkidle");
    expect(tab.identified).toEqual(["ana-1", "ana-1"]);
    expect(tab.complaints).toEqual([]);
  });

  test("to unmount is not to log out, but to follow nobody any more; reset is to log out", async () => {
    await using tab = await shop.visit(pages.shipped);
    const { page } = tab;
    const everywhere = page.locator("output");
    await press(page, "I am Ana");
    await page.getByText("The chat knows ana-1.").waitFor();
    await press(page, "Unmount");
    await page.getByText("The chat knows").waitFor({ state: "detached" });
    expect(await everywhere.textContent()).toBe("identified");
    expect(await page.evaluate(() => window.VambeIdentify?.current?.id)).toBe("ana-1");
    await press(page, "Unmount");
    await page.getByText("The chat knows ana-1.").waitFor();
    expect(tab.identified).toEqual(["ana-1"]);
    await press(page, "Reset");
    await page.getByText("The chat knows nobody.").waitFor();
    expect(await everywhere.textContent()).toBe("anonymous");
    await press(page, "Unmount");
    await page.getByText("The chat knows").waitFor({ state: "detached" });
    await press(page, "I am Bruno");
    await page.waitForLoadState("networkidle");
    expect(tab.identified).toEqual(["ana-1"]);
  });

  test("what the server rendered is hydrated without a complaint, and works", async () => {
    expect(rendered).toContain("The chat knows nobody.");
    await using tab = await shop.visit(pages.hydrated);
    await press(tab.page, "I am Ana");
    await tab.page.getByText("The chat knows ana-1.").waitFor();
    expect(tab.identified).toEqual(["ana-1"]);
    expect(tab.complaints).toEqual([]);
  });

  test("somebody whom the script tag knew before is hydrated without a complaint too", async () => {
    await using tab = await shop.visit(pages.hydrated);
    const { page } = tab;
    const { exchange, proofFor } = shop.world;
    const known = Promise.withResolvers<void>();
    await page.route("**/assets/*", (route) => known.promise.then(() => route.continue()));
    await page.reload({ waitUntil: "commit" });
    await page.addScriptTag({ url: `${exchange.url}/vambe-identity.js` });
    const ana = { id: "ana-1", proof: proofFor("ana-1") };
    expect(await page.evaluate((user) => window.VambeIdentify?.(user).then(({ id }) => id), ana)).toBe(
      "ana-1",
    );
    const fromServer = await page.locator("output").elementHandle();
    expect(await fromServer?.textContent()).toBe("anonymous");
    known.resolve();
    await page.getByText("The chat knows ana-1.").waitFor();
    expect(await fromServer?.evaluate((output) => [output.isConnected, output.textContent])).toEqual([
      true,
      "identified",
    ]);
    expect(tab.identified).toEqual(["ana-1"]);
    expect(tab.complaints).toEqual([]);
  });

  if (framework === "angular")
    test("with zone.js, what goes on between page and exchange does not keep the app busy", async () => {
      await using tab = await shop.visit(pages.strict, "#zone");
      const { page } = tab;
      const answered = Promise.withResolvers<void>();
      await page.route("**/identify", (route) => answered.promise.then(() => route.continue()));
      await press(page, "I am Ana");
      await page.getByText("One moment…").waitFor();
      await page.evaluate(() => window.app.whenStable());
      await page.getByText("One moment…").waitFor();
      answered.resolve();
      await page.getByText("The chat knows ana-1.").waitFor();
      await press(page, "Reset");
      await page.getByText("The chat knows nobody.").waitFor();
      expect(tab.complaints).toEqual([]);
    });

  if (framework === "vue")
    test("a store goes on when its first component has gone, and ends with its own scope", async () => {
      await using tab = await shop.visit(pages.strict, "#store");
      const { page, identified } = tab;
      await page.evaluate(() => window.store.signIn("ana-1"));
      await page.locator("output", { hasText: "identified" }).waitFor();
      await page.evaluate(() => window.store.close());
      await page.evaluate(() => window.store.signIn("bruno-2"));
      await press(page, "I am Bruno");
      await page.getByText("The chat knows bruno-2.").waitFor();
      await page.waitForLoadState("networkidle");
      expect(identified).toEqual(["ana-1", "bruno-2"]);
      expect(tab.complaints).toEqual([]);
    });

  if (framework === "react18")
    test("is an app with React 18", () => {
      const versions = `["react", "react-dom"].map((name) => require(name).version.split(".")[0]).join()`;
      expect(run("node", ["--print", versions], shop.app).trim()).toBe("18,18");
    });

  if (framework === "svelte")
    test("an effect follows the state by `current`", async () => {
      await using tab = await shop.visit(pages.shipped);
      await press(tab.page, "I am Ana");
      await tab.page.waitForFunction(() => document.title === "Shop: identified");
      await press(tab.page, "Reset");
      await tab.page.waitForFunction(() => document.title === "Shop: anonymous");
    });

  test("stands in the docs as it is tested", () => {
    const { folder, shown } = FRAMEWORKS[framework];
    const source = readFileSync(new URL(`${folder}/${shown}`, import.meta.url), "utf8");
    const withoutPragma = source.replace(/^\/\*\* @jsxImportSource .*\n/, "");
    const preacts =
      framework === "preact" ? docs.replaceAll("vambe-identity/react", "vambe-identity/preact") : docs;
    expect(preacts).toContain(withoutPragma);
  });
});

describe("the packed tarball in an empty app without a framework", () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop("plain", packed);
  });
  afterAll(() => shop?.[Symbol.asyncDispose]());

  test("identifies, shows the badge and logs out, with nothing else installed", async () => {
    await using tab = await shop.visit(buildPage(shop, "shipped"));
    const { page } = tab;
    await page.evaluate(() => {
      location.hash = "#user-abc-123";
    });
    await page.waitForFunction(() => document.title === "Shop: user-abc-123");
    await badge(page).getByText("Jane Doe").waitFor();
    await page.evaluate(() => {
      location.hash = "#out";
    });
    await page.waitForFunction(() => document.title === "Shop");
    await badge(page).getByText("Jane Doe").waitFor({ state: "detached" });
    expect(tab.identified).toEqual(["user-abc-123"]);
    expect(tab.complaints).toEqual([]);
  });

  test("stands in the docs as it is tested", () => {
    expect(docs).toContain(readFileSync(new URL("plain-app/identity.ts", import.meta.url), "utf8"));
  });
});
