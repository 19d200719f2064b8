import { expect, test } from "vitest";
import { identified, problem } from "../widget/stand-in-exchange.ts";
import { openModulePage, said, untilSaid } from "./module-page.ts";

const STUB = "<script>window.VambeIdentify ??= function () { (VambeIdentify.q ??= []).push(arguments) }";

test("calls that the stub has kept are made first, in their order", async () => {
  await using site = await openModulePage(
    `${STUB}; VambeIdentify({ id: "A" }); VambeIdentify(null)</script>`,
  );
  const current = await site.page.evaluate(async () => {
    await window.widget.identify({ id: "B" });
    return window.VambeIdentify?.current?.id;
  });
  expect(current).toBe("B");
  await untilSaid(site.page, "identified B");
});

test("a second copy of the module hands on to the first, and hears what happens there", async () => {
  await using site = await openModulePage();
  const { page } = site;
  await page.evaluate(async () => {
    await window.copy.identify({ id: "A" });
    await window.widget.identify({ id: "A" });
  });
  await untilSaid(page, "identified A");
  expect(site.exchange.received).toHaveLength(1);

  await page.evaluate(() => window.widget.identify({ id: "B" }));
  await untilSaid(page, "identified B");
  site.exchange.behave(() => problem("proof-missing", 401));
  await page.evaluate(() => window.widget.identify({ id: "C" }).catch(() => {}));
  await untilSaid(page, "failed proof-missing");
  site.exchange.behave(({ user }) => identified(user.id));
  await page.evaluate(() => window.copy.identify({ id: "D" }));
  await untilSaid(page, "identified D");
  await page.evaluate(() => window.copy.reset());
  await untilSaid(page, "anonymous");
  expect(await said(page)).toEqual([
    "anonymous",
    "identified A",
    "identifying",
    "identified B",
    "identifying",
    "failed proof-missing",
    "identified D",
    "anonymous",
  ]);
});

test("the script tag stays in charge where it came first, and where it comes later it leaves the module so", async () => {
  for (const [head, copies] of [
    [`<script src="/vambe-identity.js"></script>`, "tag first"],
    ["", "tag later"],
  ]) {
    await using site = await openModulePage(head);
    const { page } = site;
    await page.evaluate(() => window.widget.identify({ id: "A" }));
    if (!head) await page.addScriptTag({ url: "/vambe-identity.js" });
    await page.evaluate(() => window.VambeIdentify?.({ id: "B" }));
    await untilSaid(page, "identified B");
    expect(await page.evaluate(() => window.VambeIdentify?.current?.id), copies).toBe("B");
    expect(site.exchange.received.map(({ user }) => user.id)).toEqual(["A", "B"]);
    await page.evaluate(() => window.widget.reset());
    await untilSaid(page, "anonymous");
  }
});

test("a badge of a copy that is not in charge shows who is known, and can try again", async () => {
  await using site = await openModulePage(`<script src="/vambe-identity.js"></script>`);
  const { page, exchange } = site;
  exchange.behave(() => problem("internal-error", 500));
  await page.evaluate(() => {
    window.widget.mountBadge({ placement: "bottom-left" });
    return window.widget.identify({ id: "A", name: "Jane Doe" }).catch(() => {});
  });
  const badge = page.locator("vambe-identity");
  const again = badge.getByRole("button", { name: "Try again" });
  await again.waitFor();
  exchange.behave(({ user }) => identified(user.id));
  await again.click();
  await badge.getByText("Identity verified").waitFor();
  await badge.getByText("Jane Doe").waitFor();
  await page.evaluate(() => window.widget.reset());
  await badge.getByText("Jane Doe").waitFor({ state: "detached" });
});
