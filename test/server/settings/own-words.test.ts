import { expect, test } from "vitest";
import { identifyRequest } from "../../../server/protocol.ts";
import { checkSettings } from "../../../server/settings/check-settings.ts";
import { readEnvironment } from "../../../server/settings/environment.ts";
import { SettingsError } from "../../../server/settings/settings-error.ts";
import { OPTIONS } from "../../../server/settings/table.ts";
import { freshSettings } from "../../support/world.ts";

/* What is wrong is told in words of our own: the library that finds it has none but "Invalid input". */

const OF_EACH_KIND = [null, 1, Number.NaN, "", "?", true, [], [""], [1], {}, { "": "" }, { a: 1 }, () => {}];

function detailsOf(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.mistakes.map(({ detail }) => detail);
  }
}

test.each(Object.keys(OPTIONS))("%s", (option) => {
  const { options } = freshSettings();
  const details = OF_EACH_KIND.flatMap((value) =>
    detailsOf(() => checkSettings({ ...options, [option]: value })),
  );
  expect(details).not.toEqual([]);
  expect(details.filter((detail) => !/^(is|has|must|needs) /.test(detail))).toEqual([]);
});

test("options that are none", () => {
  expect(detailsOf(() => checkSettings("?"))).toContain("must be an object with the options");
});

test("a trait in VAMBE_FIELDS that cannot be one", () => {
  expect(() => readEnvironment({ VAMBE_FIELDS: "account id:account" })).toThrow(
    "VAMBE_FIELDS must list traits such as plan or account_id:account",
  );
});

const BODIES = OF_EACH_KIND.flatMap((value) => [
  value,
  { user: value },
  { user: { id: value } },
  { user: { id: "1" }, proof: value },
  ...["name", "email", "plan", "fields", "user_hash"].map((name) => ({ user: { id: "1", [name]: value } })),
  { user: { id: "1", fields: { field: value, ["x".repeat(300)]: value } } },
]);

test("a body", () => {
  const details = BODIES.flatMap((body) => identifyRequest.safeParse(body).error?.issues ?? []).map(
    ({ message }) => message,
  );
  expect(details).not.toEqual([]);
  expect(details.filter((detail) => !/^(is|must) /.test(detail))).toEqual([]);
});
