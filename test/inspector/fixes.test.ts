import { expect, test } from "vitest";
import { PROBLEMS } from "../../server/problems.ts";
import { fixFor } from "../../widget/inspector/fixes.ts";

const unknown = fixFor("no-such-code", true);

test.each(Object.keys(PROBLEMS))("the exchange's problem %s has a fix of its own", (slug) => {
  expect(fixFor(slug, true)).not.toBe(unknown);
});

test("a user that the page got wrong is mended otherwise than one that the exchange refused", () => {
  expect(fixFor("invalid-user", false)).not.toBe(fixFor("invalid-user", true));
});

test.each(["constructor", "__proto__", "", "somebody's own"])(
  "a code nobody knows, %j, gets plain text",
  (code) => {
    expect(fixFor(code, true)).toBe(unknown);
  },
);
