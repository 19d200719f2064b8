import { expect, STATES, test } from "./badge-in-chromium.ts";

const { known, failed } = STATES;

for (const [corner, sides] of Object.entries({
  "top-left": ["top", "left"],
  "top-right": ["top", "right"],
  "bottom-left": ["bottom", "left"],
  "bottom-right": ["bottom", "right"],
})) {
  test(`it stands in the corner ${corner}, 16 pixels from the sides or as far as the page says`, async ({
    page,
    stage,
  }) => {
    await stage.open(`<p style="height: 3000px">Long</p>`);
    await stage.mount({ badge: corner }, known);
    const distances = () =>
      stage.badge.evaluate((it, from) => {
        const { top, left, right, bottom } = it.getBoundingClientRect();
        const { clientWidth, clientHeight } = document.documentElement;
        const away = { top, left, right: clientWidth - right, bottom: clientHeight - bottom };
        return from.map((side) => away[side as keyof typeof away]);
      }, sides);
    expect(await distances()).toEqual([16, 16]);
    await page.evaluate(() => {
      document.documentElement.style.setProperty("--vambe-identity-offset", "40px");
      scrollTo(0, 1000);
    });
    expect(await distances()).toEqual([40, 40]);
  });
}

test("it moves into an element that comes later, and again into one that is rendered anew", async ({
  page,
  stage,
}) => {
  const warnings: string[] = [];
  page.on("console", (message) => warnings.push(message.text()));
  await stage.open(`<div id="app"></div>`);
  await stage.mount({ badge: "#menu .who" }, known);
  await expect(stage.badge).toHaveCount(0);
  expect(warnings).toEqual([`vambe-identity: no element matches data-badge="#menu .who" yet.`]);

  const draw = (text: string) =>
    page.evaluate((title) => {
      const menu = document.createElement("nav");
      menu.id = "menu";
      menu.title = title;
      const who = document.createElement("div");
      who.className = "who";
      menu.append(who);
      document.querySelector("#app")?.replaceChildren(menu);
    }, text);
  const within = () =>
    stage.badge.evaluate((it) => (it.getRootNode() as ShadowRoot).host.closest("nav")?.title);

  await draw("first");
  await expect(stage.badge).toBeVisible();
  expect(await within()).toBe("first");
  await draw("second");
  await expect.poll(within).toBe("second");
  await page.evaluate(() => {
    const body = document.createElement("body");
    body.innerHTML = `<div id="app"></div>`;
    document.body.replaceWith(body);
  });
  await expect(stage.badge).toHaveCount(0);
  await stage.show(failed);
  await draw("third");
  await expect(stage.badge.getByText("We couldn’t identify you")).toBeVisible();
  expect(await within()).toBe("third");
  expect(warnings).toHaveLength(1);
});

test("a page that changes all the time is not searched while the badge has its place", async ({
  page,
  stage,
}) => {
  await stage.open(`<div class="who"></div><ul></ul>`);
  await stage.mount({ badge: ".who" }, known);
  const searches = await page.evaluate(async () => {
    const search = document.querySelector;
    const list = search.call(document, "ul");
    let count = 0;
    document.querySelector = (...given: unknown[]) => {
      count++;
      return search.apply(document, given as [string]);
    };
    for (let row = 0; row < 500; row++) {
      list?.append(document.createElement("li"));
      await Promise.resolve();
    }
    return count;
  });
  expect(searches).toBe(0);
});

test.describe("in a window of 320 pixels", () => {
  test.use({ viewport: { width: 320, height: 480 } });
  for (const lang of ["es", "pt", "en"]) {
    test(`no state is cut off or makes the page scroll sideways: ${lang}`, async ({ page, stage }) => {
      await stage.open();
      await stage.mount({ badge: "bottom-right", lang, signout: "" });
      for (const [name, state] of Object.entries(STATES)) {
        await stage.show(state);
        const cut = await stage.badge.evaluate((it) => {
          const card = it.getBoundingClientRect();
          return [...it.querySelectorAll("bdi, small, button")].flatMap((text) => {
            const { left, right, top, bottom } = text.getBoundingClientRect();
            const outside = left < card.left || right > card.right || top < card.top || bottom > card.bottom;
            return outside || text.scrollWidth > text.clientWidth + 1 ? [text.textContent] : [];
          });
        });
        expect(cut, name).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBe(320);
        const { x = -1, width = 0 } = (await stage.badge.boundingBox()) ?? {};
        expect(x).toBeGreaterThanOrEqual(16);
        expect(x + width).toBeLessThanOrEqual(304);
      }
    });
  }
});

test("each button is at least 24 pixels high and wide", async ({ stage }) => {
  await stage.open();
  await stage.mount({ badge: "bottom-left", signout: "" }, failed);
  for (const button of await stage.badge.getByRole("button").all()) {
    const { width = 0, height = 0 } = (await button.boundingBox()) ?? {};
    expect(width).toBeGreaterThanOrEqual(24);
    expect(height).toBeGreaterThanOrEqual(24);
  }
});

for (const reducedMotion of ["reduce", "no-preference"] as const) {
  test.describe(() => {
    test.use({ contextOptions: { reducedMotion } });
    test(`with prefers-reduced-motion: ${reducedMotion}, a change of state ${reducedMotion === "reduce" ? "is not animated" : "is"}`, async ({
      stage,
    }) => {
      await stage.open();
      await stage.mount({ badge: "bottom-left" });
      const motion: Record<string, string[]> = {};
      for (const [name, state] of Object.entries(STATES)) {
        await stage.show(state);
        motion[name] = await stage.badge.evaluate((it) => {
          const face = it.querySelector("b");
          const status = it.querySelector("small");
          const styles = [getComputedStyle(it), status && getComputedStyle(status)];
          return [...styles, face && getComputedStyle(face, "::after")].map(
            (style) => style?.animationName ?? "",
          );
        });
      }
      const still = reducedMotion === "reduce";
      expect(motion.working).toEqual(still ? ["none", "none", "none"] : ["in", "in", "turn"]);
      for (const name of ["known", "verified", "queued", "failed"]) {
        expect(motion[name], name).toEqual(still ? ["none", "none", "none"] : ["in", "in", "none"]);
      }
    });
  });
}
