import { expect, test } from "./demo-in-chromium.ts";

for (const fault of ["down", "quota", "key", "slow"] as const) {
  test(`while Vambe is "${fault}", the user is saved and arrives by itself afterwards`, async ({
    page,
    demo,
    actions,
  }) => {
    await page.goto(demo.siteUrl);
    await page.getByTestId(`fault-${fault}`).check();
    await expect.poll(() => demo.vambe.fault()).toBe(fault);
    const asked = Date.now();
    await actions.logIn("user-ana-01");
    await expect(actions.outcome("Logged in as Ana")).toHaveAttribute("data-outcome", "queued");
    expect(Date.now() - asked).toBeLessThan(3000 + 1000); // the click and the drawing are not the exchange's
    await expect(actions.badge).toContainText(/saved/i);
    if (fault !== "slow") expect(demo.vambe.contacts()).toEqual([]);

    await page.getByTestId("fault-normal").check();
    await expect
      .poll(() => demo.vambe.contacts(), { timeout: 30_000 })
      .toMatchObject([{ external_user_id: "user-ana-01", fields: { plan: "free" } }]);
  });
}

test("a plan field that is missing at Vambe holds up nothing but the plan", async ({
  page,
  demo,
  actions,
}) => {
  await page.goto(demo.siteUrl);
  await page.getByTestId("fault-field").check();
  await expect.poll(() => demo.vambe.fault()).toBe("field");
  await actions.logIn("user-ana-01");
  await expect(actions.outcome("Logged in as Ana")).toHaveAttribute("data-outcome", "delivered");
  expect(await actions.current()).toMatchObject({
    applied: ["name", "email"],
    ignored: [{ trait: "plan", reason: "missing-at-vambe" }],
  });
  expect(demo.vambe.contacts()).toMatchObject([{ contact: { name: "Ana Rivera" }, fields: {} }]);

  await page.getByTestId("fault-normal").check();
  await expect
    .poll(() => demo.vambe.contacts(), { timeout: 30_000 })
    .toMatchObject([{ fields: { plan: "free" } }]);
});

test("what was queued survives the exchange being killed", async ({ page, demo, actions }) => {
  await page.goto(demo.siteUrl);
  demo.vambe.setFault("down");
  await actions.logIn("user-bruno-02");
  await expect(actions.outcome("Logged in as Bruno")).toHaveAttribute("data-outcome", "queued");
  await demo.killExchange();
  demo.vambe.setFault("normal");
  await demo.restartExchange();
  await expect
    .poll(() => demo.vambe.contacts(), { timeout: 30_000 })
    .toMatchObject([{ external_user_id: "user-bruno-02", contact: { email: "bruno@example.com" } }]);
});

test("an exchange that is down does not break the page, and a retry works once it is back", async ({
  page,
  demo,
  actions,
}) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(demo.siteUrl);
  await actions.logIn("user-ana-01");
  await expect(actions.badge).toContainText(/Ana Rivera.*verified/);
  await demo.killExchange();
  await actions.changePlan("pro");
  await expect(actions.badge.getByRole("button")).toBeVisible({ timeout: 20_000 });
  await demo.restartExchange();
  await actions.badge.getByRole("button").click();
  await expect(actions.badge).toContainText(/verified.*pro/i);
  await expect.poll(() => demo.vambe.contacts()).toMatchObject([{ fields: { plan: "pro" } }]);
  expect(errors).toEqual([]);
});
