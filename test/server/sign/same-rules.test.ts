import fc from "fast-check";
import { expect, test } from "vitest";
import { traits, userId } from "../../../server/protocol.ts";
import { checkId, checkUser } from "../../../server/sign/user.ts";

/** `sign` writes the exchange's rules out, since a schema would be ten times its size: they must not drift apart. */

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.integer({ min: 250, max: 260 }).map((length) => "x".repeat(length)),
  fc.integer({ min: 990, max: 1010 }).map((length) => "y".repeat(length)),
  fc.constantFrom(
    "",
    " ",
    " a",
    "a\n",
    "null",
    "0",
    "-0",
    "{{id}}",
    "\ud800",
    "a\u0000b",
    "undefined",
    "[object Object]",
  ),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2 ** 53 - 1, 1e21),
);
const anything = fc.oneof(text, number, fc.boolean(), fc.constantFrom(null, undefined, [], {}, [1]));
const mostlyText = fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: anything });
const fieldName = fc.oneof(
  fc.string(),
  fc.integer({ min: 63, max: 66 }).map((length) => "k".repeat(length)),
  fc.constant("__proto__"),
);
const fields = fc.oneof(
  fc.dictionary(fieldName, mostlyText, { maxKeys: 4 }),
  fc.dictionary(fc.string(), fc.integer(), { minKeys: 48, maxKeys: 53 }),
  anything,
);

const company = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(undefined, null, {}, { id: 7, name: "Acme", plan: null }) },
  {
    weight: 3,
    arbitrary: fc.record(
      { id: fc.oneof(mostlyText, number), name: mostlyText, plan: mostlyText },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: anything },
);

/** What comes of it: what is taken, or the first mistake. */
function bySchema(
  result: {
    success: boolean;
    data?: unknown;
    error?: { issues: { path: PropertyKey[]; message: string; code: string }[] };
  },
  field = "",
) {
  if (result.success) return { taken: result.data };
  const [{ path, message, code } = { path: [], message: "", code: "" }] = result.error?.issues ?? [];
  const mistake = `${field || path.join(".")} ${message}`;
  return { mistake, kind: code.startsWith("invalid_") ? "TypeError" : "RangeError" };
}

function byHand(check: () => unknown) {
  try {
    return { taken: check() };
  } catch (error) {
    const { message, name } = error as Error;
    return { mistake: message, kind: name };
  }
}

/** Where a trait is not given it does not matter whether its name is there. */
const given = (user: object) =>
  Object.fromEntries(Object.entries(user).filter(([name, value]) => value !== undefined && name !== "id"));

test("an id is one for both, or a mistake in the same words", () => {
  fc.assert(
    fc.property(fc.oneof(text, number, anything), (id) => {
      expect(byHand(() => checkId(id))).toEqual(bySchema(userId.safeParse(id), "id"));
    }),
    { numRuns: 3000 },
  );
});

test("traits are taken alike, or refused in the same words", () => {
  let taken = 0;
  fc.assert(
    fc.property(mostlyText, mostlyText, mostlyText, company, fields, (name, email, plan, firm, some) => {
      // What is left out is not there, and JSON has nothing like it.
      const whole = typeof some === "object" && some && !Array.isArray(some) ? withoutMissing(some) : some;
      const user = { name, email, plan, company: firm, fields: whole };
      const expected = bySchema(traits.safeParse(user));
      const found = byHand(() => given(checkUser({ id: "u", ...user })));
      if ("taken" in expected) taken += 1;
      expect(found).toEqual("taken" in expected ? { taken: given(Object(expected.taken)) } : expected);
    }),
    { numRuns: 6000 },
  );
  expect(taken).toBeGreaterThan(100);
});

const withoutMissing = (some: object) =>
  Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined));
