import { expect, jane, STATES, test } from "./badge-in-chromium.ts";

for (const where of ["html", "aside", "vambe-identity"]) {
  test(`custom properties theme the badge, set on ${where}`, async ({ stage }) => {
    await stage.open(`<aside id="slot"></aside>`, {
      head: `<style>${where} {
        --vambe-identity-accent: rgb(1, 2, 3);
        --vambe-identity-surface: rgb(4, 5, 6);
        --vambe-identity-text: rgb(7, 8, 9);
        --vambe-identity-face: rgb(10, 11, 12);
        --vambe-identity-radius: 5px;
        --vambe-identity-font: monospace;
      }</style>`,
    });
    await stage.mount({ badge: "#slot" }, STATES.known);
    const looks = await stage.badge.evaluate((it) => {
      const style = (selector: string) => getComputedStyle(it.querySelector(selector) ?? it);
      const { backgroundColor, color, borderRadius, fontFamily } = style("section");
      const plan = style("[part=plan]").color;
      return { backgroundColor, color, borderRadius, fontFamily, plan, face: style("b").backgroundColor };
    });
    expect(looks).toEqual({
      backgroundColor: "rgb(4, 5, 6)",
      color: "rgb(7, 8, 9)",
      borderRadius: "5px",
      fontFamily: "monospace",
      plan: "rgb(1, 2, 3)",
      face: "rgb(10, 11, 12)",
    });
  });
}

test("each part, and each state, can be styled from outside", async ({ stage }) => {
  const parts = ["badge", "face", "mark", "name", "status", "retry", "signout", "badge failed"];
  await stage.open("", {
    head: `<style>${parts.map((part, at) => `vambe-identity::part(${part}) { scroll-margin: ${at + 1}px }`).join("")}</style>`,
  });
  await stage.mount({ badge: "top-left", signout: "" }, STATES.failed);
  const margins = () =>
    stage.badge.evaluate((it) => {
      const found = [it, ...it.querySelectorAll("[part]")];
      return Object.fromEntries(
        found.map((part) => [part.getAttribute("part"), parseFloat(getComputedStyle(part).scrollMarginTop)]),
      );
    });
  expect(await margins()).toEqual({
    "badge failed": 8,
    face: 2,
    mark: 3,
    name: 4,
    status: 5,
    retry: 6,
    signout: 7,
  });
  await stage.show(STATES.verified);
  expect(await margins()).toMatchObject({ "badge verified": 1 });
});

test("data-theme stands against the visitor's system; without it the system decides", async ({
  page,
  stage,
}) => {
  await stage.open(`<p id="a"></p><p id="b"></p><p id="c"></p>`);
  await stage.mount({ badge: "#a" }, STATES.known);
  await stage.mount({ badge: "#b", theme: "light" }, STATES.known);
  await stage.mount({ badge: "#c", theme: "dark" }, STATES.known);
  const surfaces = () =>
    stage.badge.evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
  const [light, dark] = ["rgb(255, 255, 255)", "rgb(28, 29, 46)"];
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await surfaces()).toEqual([dark, light, dark]);
  await page.emulateMedia({ colorScheme: "light" });
  expect(await surfaces()).toEqual([light, light, dark]);
});

test("a badge in a corner is not printed, one in an element is", async ({ page, stage }) => {
  await stage.open(`<p id="slot"></p>`);
  await stage.mount({ badge: "#slot" }, STATES.known);
  await stage.mount({ badge: "bottom-left" }, { kind: "known", person: { ...jane, name: "Ana Rivera" } });
  await page.emulateMedia({ media: "print" });
  await expect(stage.badge.filter({ hasText: "Jane Doe" })).toBeVisible();
  await expect(stage.badge.filter({ hasText: "Ana Rivera" })).toBeHidden();
});
