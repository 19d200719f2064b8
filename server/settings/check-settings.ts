import { z } from "zod/mini";
import { mistakesInIssuers } from "./issuers.ts";
import { RULES } from "./rules.ts";
import { type SettingMistake, SettingsError } from "./settings-error.ts";
import { OPTIONS } from "./table.ts";

type Checks = { [Option in keyof typeof OPTIONS]: (typeof OPTIONS)[Option]["check"] };

const schema = z.strictObject(
  Object.fromEntries(Object.entries(OPTIONS).map(([option, { check }]) => [option, check])) as Checks,
  { error: "must be an object with the options" },
);

export type Settings = z.output<typeof schema>;
export type CheckedOptions = z.input<typeof schema>;

/**
 * Checks options and fills in the defaults.
 * @throws {SettingsError} naming every option that is wrong; `nameOf` turns an option's name into the caller's.
 */
export function checkSettings(
  options: unknown,
  nameOf: (option: string) => string = (option) => option,
): Settings {
  const result = schema.safeParse(options);
  const mistakes: SettingMistake[] = (result.error?.issues ?? []).flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ setting: nameOf(key), detail: "is not an option" }))
      : [{ setting: nameOf(String(issue.path[0] ?? "options")), detail: issue.message }],
  );
  for (const { option, detail, isBroken } of RULES) {
    if (isBroken(Object(options))) mistakes.push({ setting: nameOf(option), detail });
  }
  for (const { option, detail } of mistakesInIssuers(Object(options))) {
    mistakes.push({ setting: nameOf(option), detail });
  }
  if (result.success && mistakes.length === 0) return result.data;
  throw new SettingsError(mistakes);
}
