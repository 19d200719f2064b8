import { check } from "./check.ts";
import { type Finding, failed, ok } from "./finding.ts";

/** The setting that a warning begins with, if it does. */
const SETTING = /^([A-Z][A-Z0-9_]+)(?:(?:=\w+)?: | )/;

/** All mistakes and warnings at once, in the words that the exchange has for them at its start: the remedy is in them. */
export const settings = check({
  name: "settings",
  look: (_, { patient: { mistakes, warnings } }) => {
    if (mistakes.length + warnings.length === 0) return ok("settings", "nothing is wrong with them");
    return [
      ...mistakes.map(({ setting, detail }) =>
        failed(setting, detail, "mend it: no exchange starts with these settings"),
      ),
      ...warnings.map((text): Finding => {
        const [before = "", name = "settings"] = SETTING.exec(text) ?? [];
        return { name, verdict: "warning", says: text.slice(before.length) };
      }),
    ];
  },
});
