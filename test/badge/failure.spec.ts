import { problem } from "../widget/stand-in-exchange.ts";
import { expect, test } from "./badge-and-script.ts";

test("a failure tells the visitor nothing technical, and the developer all of it, once", async ({ shop }) => {
  await using site = await shop.open(`data-badge="bottom-left"`);
  site.exchange.behave(() => problem("proof-signature", 401));
  await site.identify();
  await expect(site.badge).toContainText("We couldn’t identify you");
  expect((await site.badge.innerText()).split("\n").filter(Boolean)).toEqual([
    "JD",
    "Jane Doe",
    "We couldn’t identify you",
    "Try again",
  ]);
  const said =
    "vambe-identity: about proof-signature https://id.example.com/problems/proof-signature (request req-2)";
  await expect.poll(site.warnings).toEqual([said]);

  await site.badge.getByRole("button", { name: "Try again" }).click();
  await expect.poll(site.warnings).toEqual([said, said]);
  expect(site.console.join()).not.toMatch(/secret-proof|jane@example\.com/);
});

test("a failure without an answer is told without a link, and the reason is there", async ({
  page,
  shop,
}) => {
  await using site = await shop.open(`data-badge="bottom-left"`);
  await page.route("**/identify", (route) => route.abort());
  await site.identify();
  await expect(site.badge).toContainText("We couldn’t identify you");
  await expect
    .poll(site.warnings)
    .toEqual([expect.stringMatching(/^vambe-identity: http\S+ is not reachable/)]);
});

test("the site's own words stand in the place of the badge's, and broken ones are named once", async ({
  shop,
}) => {
  await using site = await shop.open(
    `data-badge="bottom-left" data-lang="fr" data-words='{"verified": "C’est bien vous", "other": "?"}'`,
  );
  await site.identify();
  await expect(site.badge).toContainText("C’est bien vous");
  await expect(site.badge).toHaveAttribute("lang", "fr");
  expect(site.warnings()).toEqual([]);

  await using broken = await shop.open(`data-badge="bottom-left" data-words="{verified}"`);
  await broken.identify();
  await expect(broken.badge).toContainText("Identity verified");
  await expect.poll(broken.warnings).toEqual(["vambe-identity: data-words is not JSON."]);
});
