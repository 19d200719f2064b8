import { expect, test } from "vitest";
import { type CheckedOptions, checkSettings } from "../../../server/settings/check-settings.ts";
import type { ExchangeOptions } from "../../../server/settings/exchange-options.ts";
import { OPTIONS } from "../../../server/settings/table.ts";
import { freshSettings } from "../../support/world.ts";

/* What an editor shows of the options is what is checked: the same names, and nothing is refused for its type alone. */

type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : never) : never;
const sameNames: Same<keyof ExchangeOptions, keyof CheckedOptions> = true;

/** The options whose checked type is not among those that an editor takes. */
type Narrower = {
  [Name in keyof CheckedOptions]-?: CheckedOptions[Name] extends ExchangeOptions[Name] ? never : Name;
}[keyof CheckedOptions];
const noneIsNarrower: Same<Narrower, never> = true;

test("the compiler has found both alike", () => {
  expect([sameNames, noneIsNarrower]).toEqual([true, true]);
});

test("an option that is undefined is one that is not given", () => {
  const { options } = freshSettings();
  const none = Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, undefined]));
  expect(checkSettings({ ...none, ...options })).toEqual(checkSettings(options));
});
