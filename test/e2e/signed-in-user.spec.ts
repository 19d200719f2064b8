import { expect, test } from "./demo-in-chromium.ts";

test("a login becomes a contact at Vambe, and the badge says whose", async ({ page, demo, actions }) => {
  await page.goto(demo.siteUrl);
  await expect(actions.badge).toBeHidden();
  await actions.logIn("user-bruno-02");

  await expect(actions.badge).toContainText("Bruno Costa");
  await expect(actions.badge).toContainText(/verified.*pro/i);
  expect(demo.vambe.contacts()).toMatchObject([
    {
      external_user_id: "user-bruno-02",
      channel_id: demo.secrets.channelId,
      contact: { name: "Bruno Costa", email: "bruno@example.com" },
      fields: { plan: "pro" },
      meta_data: { source: "vambe-identity", verified: true },
    },
  ]);
  await expect(page.getByTestId("contact")).toContainText("user-bruno-02");
});

test("a reload costs Vambe nothing, and a changed plan costs one call", async ({ page, demo, actions }) => {
  await page.goto(demo.siteUrl);
  await actions.logIn("user-ana-01");
  await expect(actions.badge).toContainText(/Ana Rivera.*verified/);
  expect(demo.vambe.upserts()).toHaveLength(1);

  await page.reload();
  await expect(actions.outcome("Reloaded the page")).toHaveAttribute("data-outcome", "unchanged");
  await expect(actions.badge).toContainText("Ana Rivera");
  expect(demo.vambe.upserts()).toHaveLength(1);

  await actions.changePlan("enterprise");
  await expect(actions.outcome("Changed the plan")).toHaveAttribute("data-outcome", "delivered");
  await expect(actions.badge).toContainText(/verified.*enterprise/i);
  expect(demo.vambe.upserts()).toHaveLength(2);
  expect(demo.vambe.contacts()).toMatchObject([{ fields: { plan: "enterprise" } }]);
});

test("a switch of users while the first is under way ends with the second, everywhere", async ({
  page,
  demo,
  actions,
}) => {
  await page.goto(demo.siteUrl);
  demo.vambe.setFault("slow");
  // The page's own exchange with the server is held back as well, so that A's answer comes after B's.
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/identify", async (route) => {
    if (route.request().postData()?.includes("user-ana-01")) await held;
    await route.continue().catch(() => {});
  });
  await actions.logIn("user-ana-01");
  await actions.switchTo("user-bruno-02");
  demo.vambe.setFault("normal");
  await expect(actions.badge).toContainText("Bruno Costa");
  release();
  await expect(actions.outcome("Logged in as Ana")).toHaveAttribute("data-outcome", "retired");
  await page.waitForTimeout(500);
  await expect(actions.badge).toContainText("Bruno Costa");
  expect(await actions.current()).toMatchObject({ id: "user-bruno-02", verified: true });
  expect(await page.evaluate(() => localStorage.getItem("vambe-identity"))).toContain("user-bruno-02");
  await expect
    .poll(() => demo.vambe.contacts().map(({ external_user_id }) => external_user_id))
    .toContain("user-bruno-02");
});

test("after a log-out nothing is left of who was there", async ({ page, demo, actions }) => {
  await page.goto(demo.siteUrl);
  await actions.logIn("user-carla-03");
  await expect(actions.badge).toContainText("Carla Núñez");
  await actions.logOut();
  await expect(actions.badge).toBeHidden();
  expect(await actions.current()).toBeNull();
  expect(await page.evaluate(() => localStorage.getItem("vambe-identity"))).toBeNull();
  await page.reload();
  await expect(page.getByTestId("login-user-ana-01").first()).toBeVisible();
  await expect(actions.badge).toBeHidden();
});

test("the API key, the shared secret and others' emails never reach the browser", async ({
  page,
  demo,
  actions,
  received,
}) => {
  await page.goto(demo.siteUrl);
  await actions.logIn("user-ana-01");
  await expect(actions.badge).toContainText("Ana Rivera");
  for (const fault of ["down", "key", "quota", "field"] as const) {
    demo.vambe.setFault(fault);
    await actions.changePlan(fault === "down" || fault === "quota" ? "pro" : "enterprise");
    await expect(actions.badge).toBeVisible();
  }
  await page.getByTestId("cheat-user").click();
  await expect(page.getByTestId("act").first()).toContainText("refused");
  expect(received.length).toBeGreaterThan(15);
  const everything = received.join("\n");
  expect(everything).not.toContain(demo.secrets.apiKey);
  expect(everything).not.toContain(demo.secrets.identitySecret);
  const fromTheExchange = received.filter((text) => text.startsWith(demo.exchangeUrl)).join("\n");
  expect(fromTheExchange).toContain("request_id");
  expect(fromTheExchange).not.toContain("@example.com");
  expect(demo.logs.join("")).not.toContain("@example.com");
  expect(demo.logs.join("")).not.toContain(demo.secrets.apiKey);
});
