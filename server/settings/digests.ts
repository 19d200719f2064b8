import type { Settings } from "./check-settings.ts";
import { OPTIONS } from "./table.ts";

/** The same database has several URLs, and that it is the same is known by its key. */
const LEFT_OUT = ["databaseUrl"];

/**
 * Variable → a digest of what it is set to, default included. Two that differ show that an exchange runs with other settings
 * than the environment has now.
 * @param digest a keyed one: secrets are among them
 */
export function settingDigests(
  settings: Partial<Settings>,
  digest: (text: string) => string,
): Record<string, string> {
  const named = Object.entries(OPTIONS).flatMap(([option, setting]) =>
    "variable" in setting && !LEFT_OUT.includes(option)
      ? [[setting.variable, settings[option as keyof Settings]] as const]
      : [],
  );
  return Object.fromEntries(
    named.map(([variable, value]) => [variable, digest(JSON.stringify([variable, value ?? null]))]),
  );
}
