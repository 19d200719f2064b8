import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BrowserContext } from "@playwright/test";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logIn, type Person, tellsItsStory } from "./story.ts";
import { contactOf, reasonToSkip, saidOfChat, type Visitor, visitExample } from "./visitor.ts";

const PLUGIN = fileURLToPath(new URL("../../examples/wordpress/vambe-identity", import.meta.url));
/** WordPress counts its users; 1 is the administrator. What they bought, WooCommerce's customer says. */
const ANA: Person = {
  id: "2",
  name: "Ana Rivera",
  email: "ana@example.com",
  fields: { plan: "free", paying_customer: "false", order_count: "0", total_spent: "0" },
};
const BRUNO: Person = {
  id: "3",
  name: "Bruno Costa",
  email: "bruno@example.com",
  fields: { plan: "pro", paying_customer: "true", order_count: "3", total_spent: "149.9" },
};
const ASK = "/wp-admin/admin-ajax.php";
const question = { form: { action: "vambe_identity" } };

const missing = reasonToSkip("wordpress");
const title = missing
  ? `examples/wordpress (not run: ${missing})`
  : "examples/wordpress, in a real WordPress";

describe.skipIf(missing)(title, () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await visitExample("wordpress");
  });
  afterAll(() => visitor?.[Symbol.asyncDispose]());

  /** A browser of somebody else. */
  const another = () => visitor.context.browser()?.newContext() ?? Promise.reject(new Error("no browser"));
  /** By the form of WordPress' own login page. */
  const postLogin = async (context: BrowserContext, log: string) => {
    const { url } = visitor.example;
    // The example's page has the password, so that one can log in with a click.
    const [, pwd = ""] = /name="pwd" value="(\w+)"/.exec(await (await fetch(url)).text()) ?? [];
    await context.request.post(`${url}/wp-login.php`, { form: { log, pwd }, maxRedirects: 0 });
  };
  const loginOf = ({ email }: Person) => email.split("@", 1)[0] ?? "";

  test.each(globSync("**/*.php", { cwd: PLUGIN }))("PHP can read %s", (file) => {
    expect(execFileSync("php", ["-l", file], { cwd: PLUGIN, encoding: "utf8" })).toContain(
      "No syntax errors",
    );
  });

  tellsItsStory(() => visitor, { people: [ANA, BRUNO], proofRoute: null });

  test("WordPress' own page after a log-out is enough to be forgotten in every tab", async () => {
    const { page, context, example } = visitor;
    await logIn(visitor, ANA);
    const beside = await context.newPage();
    await beside.goto(example.url);
    await saidOfChat(beside, `The chat knows ${ANA.id}, verified.`);
    const address = new URL(
      await page.locator("form[action*=logout]").evaluate((form: HTMLFormElement) => form.action),
    );
    address.searchParams.delete("redirect_to");
    await page.goto(String(address));
    await page.getByText("You are now logged out.").waitFor();
    await beside.waitForFunction(() => window.VambeIdentify?.current === null);
    await beside.close();
  });

  test("a page that a cache has taken of one user says nothing of them to another", async () => {
    const { page, context, example } = visitor;
    await page.goto(example.url);
    await logIn(visitor, ANA);
    const cached = await (await context.request.get(example.url)).text();
    expect(cached).toContain("You are signed in as");
    for (const hers of ["eyJ", ANA.email, '"2"']) expect(cached).not.toContain(hers);

    const asked: string[] = [];
    const shownTo = async (who: Person | null) => {
      const theirs = await another();
      // Chromium takes a page that no server has sent for one of the internet, which may not ask this machine.
      await theirs.grantPermissions(["local-network-access"]);
      if (who) await postLogin(theirs, loginOf(who));
      const tab = await theirs.newPage();
      tab.on("request", (request) => {
        if (/identify$|admin-ajax/.test(request.url())) asked.push(new URL(request.url()).pathname);
      });
      await tab.route(`${example.url}/`, (route) =>
        route.fulfill({ body: cached, contentType: "text/html" }),
      );
      await tab.goto(example.url);
      await tab.waitForLoadState("networkidle");
      const id = await tab.evaluate(() => window.VambeIdentify?.current?.id);
      await theirs.close();
      return id;
    };
    expect(await shownTo(null)).toBeUndefined();
    expect(asked).toEqual([]);
    expect(await shownTo(BRUNO)).toBe(BRUNO.id);
    expect(asked).toEqual([ASK, "/identify"]);
  });

  test("who is signed in is answered by their own cookie alone, and kept by no cache", async () => {
    const { context, example } = visitor;
    const answer = await context.request.post(`${example.url}${ASK}`, question);
    expect(answer.headers()["cache-control"]).toContain("no-cache");
    const { id, proof } = await answer.json();
    expect(id).toBe(ANA.id);
    const { sub, exp = 0, iat = 0 } = decodeJwt(proof);
    expect({ sub, life: exp - iat }).toEqual({ sub: ANA.id, life: 600 });

    const got = await context.request.get(`${example.url}${ASK}?action=vambe_identity`);
    expect([got.status(), await got.json()]).toEqual([405, null]);
    const nobody = await fetch(`${example.url}${ASK}`, {
      method: "POST",
      body: new URLSearchParams(question.form),
    });
    expect(await nobody.json()).toBeNull();
  });

  test("a login that has ended elsewhere is noticed, and its mark taken away", async () => {
    const { context, page, example } = visitor;
    await context.clearCookies({ name: /^wordpress_/ });
    await page.goto(example.url);
    await page.waitForFunction(() => !document.cookie.includes("vambe_identity"));
    expect(await page.evaluate(() => window.VambeIdentify?.current)).toBeNull();
  });

  test("who had logged in before the plugin was there is known too", async () => {
    const { context, page, example } = visitor;
    await logIn(visitor, BRUNO);
    await context.clearCookies({ name: "vambe_identity" });
    await page.goto(example.url);
    await saidOfChat(page, `The chat knows ${BRUNO.id}, verified.`);
  });

  test("the role is the plan where the site says no other", async () => {
    await postLogin(visitor.context, "admin");
    await visitor.page.goto(visitor.example.url);
    await saidOfChat(visitor.page, "The chat knows 1, verified.");
    expect(await contactOf(visitor.example, "1")).toMatchObject({
      contact: { name: "admin", email: "admin@example.com" },
      fields: { plan: "administrator" },
    });
  });

  test("the settings page keeps what is right, says what is wrong, and never shows the secret", async () => {
    const { page, example } = visitor;
    const save = async (what: { url?: string; secret?: string; badge?: string }) => {
      await page.goto(`${example.url}/wp-admin/options-general.php?page=vambe-identity`);
      if (what.url) await page.getByLabel("Address of the exchange").fill(what.url);
      if (what.secret) await page.getByLabel("Secret").fill(what.secret);
      if (what.badge) await page.getByLabel("Badge").selectOption(what.badge);
      await page.getByRole("button", { name: "Save Changes" }).click();
      await page.waitForURL("**settings-updated=true");
      expect(await page.content()).not.toContain(example.secret);
      return page
        .locator("#setting-error-url, #setting-error-secret, #setting-error-settings_updated")
        .allInnerTexts();
    };
    const said = (text: string) => [expect.stringContaining(text)];
    expect(await save({ badge: "top-right", url: `${example.exchangeUrl}/` })).toEqual(
      said("Settings saved."),
    );
    expect(await save({ secret: "too-short" })).toEqual(said("at least 32 characters"));
    expect(await save({ secret: `${"a".repeat(32)},${"b".repeat(32)}` })).toEqual(said("one secret"));
    expect(await save({ url: "ftp://id.example.com" })).toEqual(said("begins with https://"));

    // All of it as it was before what was wrong, but for the badge.
    await page.goto(example.url);
    await saidOfChat(page, "The chat knows 1, verified.");
    const tag = page.locator("script[data-badge]");
    expect(await tag.getAttribute("data-badge")).toBe("top-right");
    expect(await tag.getAttribute("src")).toBe(`${example.exchangeUrl}/vambe-identity.js`);
  });

  test("nobody but an administrator sees the settings or changes them", async () => {
    const { page, context, example } = visitor;
    await page.goto(example.url);
    await logIn(visitor, ANA);
    const shown = await context.request.get(
      `${example.url}/wp-admin/options-general.php?page=vambe-identity`,
    );
    expect([shown.status(), await shown.text()]).toEqual([
      403,
      expect.not.stringContaining("Address of the exchange"),
    ]);
    const changed = await context.request.post(`${example.url}/wp-admin/options.php`, {
      form: {
        option_page: "vambe-identity",
        action: "update",
        "vambe_identity[url]": "https://attacker.example",
      },
    });
    expect(changed.status()).toBe(403);
    await page.reload();
    await saidOfChat(page, `The chat knows ${ANA.id}, verified.`);
  });

  test("PHP has complained of nothing in the plugin", () => {
    const lines = visitor.example.output().split("\n");
    expect(lines.filter((line) => /PHP \w+:.*plugins\/vambe-identity\//.test(line))).toEqual([]);
  });
});
