import { LISTENER } from "../../server/settings/listener-options.ts";
import type { Setting } from "../../server/settings/setting.ts";
import { OPTIONS } from "../../server/settings/table.ts";

/** The table of settings in docs/reference/settings.md, made from the one table that the server has; those that have to be set come first. */
export function settingsTable(): string {
  const settings = Object.values<Setting>({ ...OPTIONS, ...LISTENER });
  const isRequired = ({ doc = "" }: Setting) => /^required(;|$)/.test(doc);
  const sorted = [...settings.filter(isRequired), ...settings.filter((setting) => !isRequired(setting))];
  return ["| variable | meaning (default) |", "| --- | --- |", ...sorted.flatMap(rowOf)].join("\n");
}

/** Puts it between its marks. */
export const withSettingsTable = (page: string): string =>
  page.replace(
    /(<!-- settings -->\n).*?(\n<!-- \/settings -->)/s,
    (_, before: string, after: string) => before + settingsTable() + after,
  );

function rowOf({ variable, doc = "", check }: Setting): string[] {
  if (variable === undefined) return [];
  const standard = shown(check.safeParse(undefined).data);
  return [`| \`${variable}\` | ${doc}${standard ? ` (\`${standard}\`)` : ""} |`];
}

/** A default as the environment would say it. */
function shown(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return "";
  if (typeof value !== "object" || value === null) return `${value}`;
  return Object.entries(value)
    .map(([trait, key]) => (trait === key ? trait : `${trait}:${key}`))
    .join(",");
}
