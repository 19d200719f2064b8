import { expect, test } from "vitest";
import { bundle } from "./bundles.ts";

test("the script holds no Preact and no signals; the badge holds both", async () => {
  const [script, badge] = await Promise.all([bundle("script"), bundle("badge")]);
  // What one library writes into every vnode, and the other into every signal.
  const marks = ["__k", "preact-signals"];
  expect(marks.filter((mark) => badge.includes(mark))).toEqual(marks);
  expect(marks.filter((mark) => script.includes(mark))).toEqual([]);
});

test.each(["script", "badge", "inspector"] as const)(
  "the %s evaluates no code, writes no HTML and sets no cookie",
  async (name) => {
    const code = await bundle(name);
    expect(code).not.toMatch(/\beval\(|new Function|document\.write|outerHTML|insertAdjacentHTML|\.cookie/);
  },
);
