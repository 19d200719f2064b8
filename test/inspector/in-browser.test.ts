import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { afterAll, expect, test } from "vitest";
import { inSeconds } from "../support/proofs.ts";
import { launchChromium, startSite } from "./site.ts";

const browser = await launchChromium();
const site = await startSite(browser, {
  VAMBE_FIELDS: "plan,account_id:account",
  VAMBE_WEBCHAT_SECRET: "a-secret-of-the-webchat-0123456789abcdef",
});
const { world } = site;
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await browser.close();
});

const JANE = { id: "user-jane", name: "Jane Doe", email: "jane@example.com", plan: "premium" };
const { id, ...TRAITS } = JANE;
const axe = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const call = (user: object, options = "") => `void VambeIdentify(${JSON.stringify(user)}${options});`;

/** Everything that the page can read out of the inspector. */
const readable = (page: Page) =>
  page.evaluate(() => {
    const root = document.querySelector("vambe-identity-inspector")?.shadowRoot;
    const properties = [...(root?.querySelectorAll("*") ?? [])].flatMap((element) =>
      Object.keys(element).map((key) => JSON.stringify(Reflect.get(element, key)) ?? ""),
    );
    return [root?.innerHTML, root?.textContent, ...properties].join("\n");
  });

test("a developer sees who is known, what was proven and applied, and the id of the request", async () => {
  await using shop = await site.open({ script: call({ ...JANE, proof: world.proofFor(id, TRAITS) }) });
  await shop.toggle.click();
  await shop.toggle.getByText("known, delivered").waitFor();
  expect(await shop.fact("Id").textContent()).toContain("user-jane");
  expect(await shop.fact("Proof").textContent()).toMatch(
    /JWT, HS256, from the page.*expires in (10|9) min.*proves the id, name, email, plan/,
  );
  expect(await shop.fact("Applied").textContent()).toContain("name, email, plan");
  expect(await shop.fact("Token").textContent()).toMatch(/expires in 1\d min.*there is no getProof/);
  expect(await shop.fact("Faults").count()).toBe(0);
  const requestId = await shop.page.evaluate(() => window.VambeIdentify?.current?.requestId);
  expect(await shop.fact("Request id").textContent()).toContain(requestId);
  const timeline = shop.inspector.locator("ol");
  await timeline.getByText(/POST \/identify: HTTP 200 after \d+ ms/).waitFor();
  expect(await timeline.locator("li").allTextContents()).toEqual([
    expect.stringContaining("VambeIdentify called for user-jane."),
    expect.stringContaining("POST /identify"),
    expect.stringContaining(`Identified: delivered, verified.${requestId}`),
  ]);
  expect(shop.complaints).toEqual([]);
});

test("neither the proof, the token, a user_hash nor any trait's value can be read out of it", async () => {
  const proof = world.proofFor(id, TRAITS);
  const hash = "ab".repeat(32);
  const user = { ...JANE, name: "Janet Doe", user_hash: hash, fields: { account_id: "acc-secret" }, proof };
  await using shop = await site.open({ tag: 'data-debug="open"', script: call(user) });
  await shop.fact("Request id").waitFor();
  const token = await shop.page.evaluate(() => window.VambeIdentify?.current?.token ?? "");
  expect(token).not.toBe("");
  const seen = await readable(shop.page);
  expect(seen).toContain("account_id");
  const secrets = [proof, token, hash, "acc-secret", "jane@example.com", "Jane Doe", "Janet Doe", "premium"];
  for (const secret of [...secrets, ...proof.split("."), ...token.split(".")]) {
    expect(seen).not.toContain(secret);
  }
});

test("a developer sees that the webchat has a token, and until when; never the token", async () => {
  const tag = 'data-debug="open" data-webchat';
  await using shop = await site.open({ tag, script: call({ ...JANE, proof: world.proofFor(id, TRAITS) }) });
  await shop.fact("Webchat").waitFor();
  expect(await shop.fact("Webchat").textContent()).toMatch(/a token of its own.*expires in (1 h|59 min)/);
  const config = () => Object(Reflect.get(window, "embeddedWebchatConfig")).externalUserId;
  const token: string = await shop.page.evaluate(config);
  expect(token).toMatch(/^eyJ/);
  const seen = await readable(shop.page);
  for (const part of [token, ...token.split(".")]) expect(seen).not.toContain(part);
});

test("an id that is an email address is not shown", async () => {
  const email = "jane@example.com";
  await using shop = await site.open({
    tag: 'data-debug="open"',
    script: call({ id: email, proof: world.proofFor(email) }),
  });
  await shop.fact("Request id").waitFor();
  expect(await shop.fact("Id").textContent()).toContain("[hidden]");
  expect(await readable(shop.page)).not.toContain(email);
});

test("each trait that was left out is named with the reason and what to do", async () => {
  const user = { ...JANE, name: "Janet Doe", fields: { seats: 3 }, proof: world.proofFor(id, TRAITS) };
  await using shop = await site.open({ tag: 'data-debug="open"', script: call(user) });
  const ignored = shop.inspector.locator("ul li");
  await ignored.first().waitFor();
  expect((await ignored.allTextContents()).sort()).toEqual([
    expect.stringMatching(/^name.*differs-from-proof.*the proof counts/),
    expect.stringMatching(/^seats.*unproven.*Put it into the signed proof/),
  ]);
});

test("an error comes with its detail, what to do, the request id and the page that says more", async () => {
  const proof = world.proofFor("somebody-else", { aud: "another", exp: inSeconds(-60) });
  await using shop = await site.open({ script: call({ id, proof }) });
  await shop.toggle.getByText("failed").waitFor();
  await shop.toggle.click();
  const failure = shop.inspector.getByRole("region", { name: "Last error" });
  expect(await failure.textContent()).toMatch(/^proof-\w+.*To mend it: .*HTTP 401, request [\w-]{36}/);
  const link = await failure.getByRole("link", { name: /^More about proof-/ }).getAttribute("href");
  expect(await (await fetch(link ?? "")).text()).toContain("<h1>");
  expect(await shop.fact("Faults").textContent()).toMatch(
    /sub is not the id.*it has expired.*aud is not vambe-identity/,
  );
  expect(await shop.inspector.locator("ol li").last().textContent()).toMatch(/Failed: proof-\w+, HTTP 401/);
});

test("what fails before anything is sent has its own line to mend it", async () => {
  await using shop = await site.open({ tag: 'data-debug="open"' });
  await shop.inspector.getByText("Call VambeIdentify({ id, proof }) after login.").waitFor();
  await shop.page.evaluate("void VambeIdentify({})");
  const failure = shop.inspector.getByRole("region", { name: "Last error" });
  await failure.getByText("invalid-user", { exact: true }).waitFor();
  expect(await failure.textContent()).toContain("Pass { id }");
});

test("a later success marks the error as passed, and a log-out is in the timeline", async () => {
  await using shop = await site.open({ tag: 'data-debug="open"' });
  await shop.page.route("**/identify", (route) => route.abort());
  await shop.inspector.waitFor();
  await shop.page.evaluate(call({ id, proof: world.proofFor(id) }));
  await shop.inspector.getByRole("button", { name: "Try again" }).waitFor();
  await shop.page.unroute("**/identify");
  await shop.inspector.getByRole("button", { name: "Try again" }).click();
  await shop.inspector.getByText("network (has passed)").waitFor();
  await shop.page.evaluate("void VambeIdentify(null)");
  await shop.inspector.getByText("Logged out, here or in another tab.").waitFor();
  await shop.toggle.getByText("nobody").waitFor();
  expect(await shop.inspector.getByRole("region", { name: "Last error" }).count()).toBe(0);
});

test("a call that a newer one overtakes is in the timeline as superseded", async () => {
  await using shop = await site.open({ tag: 'data-debug="open"' });
  await shop.inspector.waitFor();
  const slow = "() => new Promise(() => {})";
  await shop.page.evaluate(call({ id: "user-first" }, `, { getProof: ${slow} }`));
  await shop.inspector.getByText("waiting for getProof").waitFor();
  await shop.page.evaluate(call({ id, proof: world.proofFor(id) }));
  await shop.inspector.getByText("The call for user-first was superseded.").waitFor();
});

test("it works under the strictest content policy without one violation", async () => {
  await using shop = await site.open({
    tag: 'data-debug="open"',
    script: call({ id, proof: world.proofFor(id) }),
    policy:
      "default-src 'none'; script-src 'nonce-n' 'strict-dynamic'; style-src 'none'; connect-src http://127.0.0.1:*; require-trusted-types-for 'script'; trusted-types 'none'",
  });
  await shop.fact("Request id").waitFor();
  expect(await shop.inspector.evaluate((it) => getComputedStyle(it).position)).toBe("fixed");
  expect(shop.complaints).toEqual([]);
});

test("the keyboard opens and reads it, and Escape closes it and leaves the focus on the toggle", async () => {
  await using shop = await site.open({ script: call({ id, proof: world.proofFor(id) }) });
  await shop.toggle.getByText("known").waitFor();
  await shop.page.keyboard.press("Tab");
  await shop.page.keyboard.press("Enter");
  await shop.fact("Id").waitFor();
  expect(await shop.toggle.getAttribute("aria-expanded")).toBe("true");
  await shop.page.keyboard.press("Tab");
  await shop.page.keyboard.press("Escape");
  await shop.fact("Id").waitFor({ state: "hidden" });
  expect(await shop.toggle.evaluate((button) => button.matches(":focus"))).toBe(true);
});

test.each(["light", "dark"] as const)("axe finds nothing in it, open, in %s", async (colorScheme) => {
  const wrong = { ...JANE, fields: { seats: 3 }, proof: world.proofFor(id, { plan: "basic" }) };
  const states = [call(wrong), call({ id, proof: world.proofFor("somebody-else") }), "0"];
  for (const script of states) {
    await using shop = await site.open({ tag: 'data-debug="open"', script, colorScheme });
    if (script !== "0") await shop.inspector.locator("ol li").nth(2).waitFor();
    await shop.page.evaluate(axe);
    const found = await shop.page.evaluate("axe.run()");
    const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] };
    expect(violations.map((one) => [one.id, one.nodes.map(({ html }) => html)])).toEqual([]);
  }
});

test.each([
  ["data-debug", "top right"],
  ['data-debug data-badge="top-right"', "top left"],
  ['data-debug="bottom-left"', "bottom left"],
])("with %s the pill stands at the %s", async (tag, corner) => {
  await using shop = await site.open({ tag });
  await shop.inspector.waitFor();
  const box = await shop.inspector.boundingBox();
  const sides = [box && box.y < 400 ? "top" : "bottom", box && box.x < 450 ? "left" : "right"];
  expect(sides.join(" ")).toBe(corner);
});

test("an inspector that cannot be loaded is named on the console, and the identify succeeds", async () => {
  await using shop = await site.open();
  await shop.page.route("**/vambe-identity-inspector.js", (route) => route.abort());
  await shop.page.reload();
  await shop.page.waitForFunction(() => !!window.VambeIdentify?.reset);
  const user = { id, proof: world.proofFor(id) };
  const status = await shop.page.evaluate(
    (who) => window.VambeIdentify?.(who).then((identity) => identity.verified),
    user,
  );
  expect(status).toBe(true);
  await expect.poll(() => shop.complaints.join()).toContain("vambe-identity-inspector.js");
});

test("without data-debug its code is never asked for", async () => {
  await using shop = await site.open({ tag: "", script: call({ id, proof: world.proofFor(id) }) });
  await shop.page.waitForFunction(() => !!window.VambeIdentify?.current);
  const asked = await shop.page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => name),
  );
  expect(asked.filter((name) => name.includes("inspector"))).toEqual([]);
});
