import { readFileSync } from "node:fs";
import type { Issuer } from "../proof/oidc/issuer.ts";
import type { Environment } from "../types.ts";
import { checkSettings, type Settings } from "./check-settings.ts";
import type { ExchangeOptions } from "./exchange-options.ts";
import { type IssuerOptions, issuersIn, mistakesInIssuers } from "./issuers.ts";
import { LISTENER, type Listener, mistakesInListener } from "./listener-options.ts";
import type { Setting } from "./setting.ts";
import { type SettingMistake, SettingsError } from "./settings-error.ts";
import { OPTIONS } from "./table.ts";
import { nearest } from "./typing-errors.ts";
import { warningsFor } from "./warnings.ts";

type Table = Readonly<Record<string, Setting>>;

export interface ServerSettings {
  settings: Settings;
  listener: Listener;
  /** Things that do not stop the start and that an operator should see. */
  warnings: string[];
}

/**
 * Reads the settings from the environment. An empty variable counts as not set.
 * @throws {SettingsError} with all of the mistakes, each naming its variable, never a value.
 */
export function readEnvironment(environment: Environment): ServerSettings {
  const mistakes: SettingMistake[] = [];
  const listener = readTable(LISTENER, environment, mistakes);
  mistakes.push(
    ...mistakesInListener(listener).filter(({ setting }) => !mistakes.some((one) => one.setting === setting)),
  );
  const publicUrl = defaultPublicUrl(listener);
  const { settings, strangers } = readSettings(environment, { publicUrl }, {}, mistakes);
  return { settings, listener, warnings: [...strangers, ...warningsFor(settings)] };
}

/** What there is to know of settings some of which may be wrong. */
export interface WhatHolds {
  /** Those that are right by themselves, defaults included. */
  holds: Partial<Settings>;
  mistakes: readonly SettingMistake[];
  warnings: readonly string[];
}

/** The settings as far as they can be read, for who looks into what is wrong. Throws never. */
export function readWhatHolds(environment: Environment): WhatHolds {
  try {
    const { settings, warnings } = readEnvironment(environment);
    return { holds: settings, mistakes: [], warnings };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const wrong = new Set(error.mistakes.map(({ setting }) => setting.replace(/_FILE$/, "")));
    const right = Object.entries<Setting>(OPTIONS).flatMap(([option, { variable = "" }]) =>
      variable === "" || wrong.has(variable) ? [] : [option as keyof typeof OPTIONS],
    );
    const publicUrl = defaultPublicUrl(readTable(LISTENER, environment, []));
    const holds = readSome(withDefaults({ VAMBE_PUBLIC_URL: publicUrl }, environment), right);
    const filledIn = { ...readTable(OPTIONS, {}, []), allowedOrigins: [], ...holds } as Settings;
    const warnings = [...strangersIn(environment), ...warningsFor(filledIn)];
    return { holds, mistakes: error.mistakes, warnings };
  }
}

/** An empty variable counts as not set. */
const withDefaults = (defaults: Environment, environment: Environment): Environment => ({
  ...defaults,
  ...Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim())),
});

/**
 * The same for an app that mounts the exchange, and listens where it likes.
 * @param more options that count instead of their variables
 * @throws {SettingsError}
 */
export function readOptions(
  environment: Environment,
  more: Partial<ExchangeOptions>,
): { settings: Settings; strangers: string[] } {
  const { settings, strangers } = readSettings(environment, {}, more, []);
  const ofServe = OF_SERVE.filter((name) => environment[name]);
  return {
    settings,
    strangers: [
      ...strangers,
      ...ofServe.map((name) => `${name} has an effect with \`vambe-identity serve\` alone, and none here`),
    ],
  };
}

function readSettings(
  environment: Environment,
  defaults: Partial<ExchangeOptions>,
  more: Partial<ExchangeOptions>,
  mistakes: SettingMistake[],
) {
  const options: Record<string, unknown> = { ...defaults };
  for (const [option, setting] of Object.entries<Setting>(OPTIONS)) {
    const value = Object.hasOwn(more, option) ? undefined : readVariable(setting, environment, mistakes);
    if (value !== undefined) options[option] = value;
  }
  try {
    const settings = checkSettings({ ...options, ...more }, variableOf);
    if (mistakes.length === 0) return { settings, strangers: strangersIn(environment) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const unread = new Set(mistakes.map(({ setting }) => setting.replace(/_FILE$/, "")));
    mistakes.push(...error.mistakes.filter(({ setting }) => !unread.has(setting)));
  }
  throw new SettingsError(mistakes.map((mistake) => withHint(mistake, environment)));
}

/**
 * The secrets in `VAMBE_IDENTITY_SECRET` alone, newest first: for commands that need nothing else.
 * @throws {SettingsError} where there is none, or one that is too short.
 */
export function readIdentitySecrets(environment: Environment): string[] {
  const { identitySecrets = [] } = readSome(environment, ["identitySecrets"]);
  if (identitySecrets.length > 0) return identitySecrets;
  const setting = OPTIONS.identitySecrets.variable;
  const detail = `is required: the secret that the exchange has (or ${setting}_FILE, a path to read it from)`;
  throw new SettingsError([withHint({ setting, detail }, environment)]);
}

const ISSUER_OPTIONS = [
  "oidcIssuer",
  "oidcAudience",
  "oidcJwksUrl",
  "oidcIdClaim",
  "oidcTrustEmail",
] as const;

/**
 * What JWTs are checked with: for a command that judges one and needs nothing else.
 * @throws {SettingsError} with what is wrong, or where there is nothing to check with
 */
export function readJwtSettings(environment: Environment): { identitySecrets: string[]; issuers: Issuer[] } {
  const some = readSome(environment, ISSUER_OPTIONS);
  const mistakes = mistakesInIssuers(some).map(({ option, detail }) => ({
    setting: variableOf(option),
    detail,
  }));
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  const issuers = some.oidcIssuer ? issuersIn(some as IssuerOptions) : [];
  if (issuers.length === 0) return { identitySecrets: readIdentitySecrets(environment), issuers };
  const { identitySecrets = [] } = readSome(environment, ["identitySecrets"]);
  return { identitySecrets, issuers };
}

/**
 * A few of the settings, for a command that needs no others. What is not set is left out or has its default.
 * @throws {SettingsError} with all of the mistakes in them
 */
export function readSome(
  environment: Environment,
  options: readonly (keyof typeof OPTIONS)[],
): Partial<Settings> {
  const mistakes: SettingMistake[] = [];
  const some = Object.fromEntries(options.map((option) => [option, OPTIONS[option]]));
  const settings: Record<string, unknown> = readTable(some, environment, mistakes);
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

type Read<T extends Table> = { [Name in keyof T]: ReturnType<T[Name]["check"]["parse"]> };

/** Reads and checks each by itself. In the place of one that is wrong stands its default. */
function readTable<T extends Table>(table: T, environment: Environment, mistakes: SettingMistake[]): Read<T> {
  const values = Object.entries(table).map(([name, setting]) => {
    const { success, data, error } = setting.check.safeParse(readVariable(setting, environment, mistakes));
    if (success) return [name, data];
    mistakes.push({
      setting: setting.variable ?? name,
      detail: error.issues[0]?.message ?? "is not valid",
    });
    return [name, setting.check.safeParse(undefined).data];
  });
  return Object.fromEntries(values);
}

function readVariable(setting: Setting, environment: Environment, mistakes: SettingMistake[]): unknown {
  const { variable, read } = setting;
  if (variable === undefined) return undefined;
  const text = textOf(variable, setting.file === true, environment, mistakes);
  return text === undefined ? undefined : read?.(text);
}

function textOf(
  variable: string,
  orFile: boolean,
  environment: Environment,
  mistakes: SettingMistake[],
): string | undefined {
  const value = environment[variable]?.trim() || undefined;
  const file = orFile ? environment[`${variable}_FILE`] || undefined : undefined;
  if (file === undefined) return value;
  if (value !== undefined) {
    mistakes.push({ setting: `${variable}_FILE`, detail: `and ${variable} are both set: keep one of them` });
    return undefined;
  }
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    mistakes.push({ setting: `${variable}_FILE`, detail: `names a file that cannot be read (${code})` });
    return undefined;
  }
}

function defaultPublicUrl({ host, port }: Listener): string {
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

const ALL = Object.values<Setting>({ ...OPTIONS, ...LISTENER });
const VARIABLES = ALL.flatMap(({ variable }) => variable ?? []);
const OF_SERVE = Object.values<Setting>(LISTENER).flatMap(({ variable }) =>
  variable?.startsWith("VAMBE_") ? [variable] : [],
);
const KNOWN = new Set(
  ALL.flatMap(({ variable, file }) =>
    variable === undefined ? [] : [variable, ...(file ? [`${variable}_FILE`] : [])],
  ),
);

const variableOf = (option: string) =>
  Object.entries<Setting>(OPTIONS).find(([name]) => name === option)?.[1].variable ?? option;

const unknownVariables = (environment: Environment) =>
  Object.keys(environment).filter((name) => name.startsWith("VAMBE_") && !KNOWN.has(name));

const strangersIn = (environment: Environment) =>
  unknownVariables(environment).map((name) => {
    const near = nearest(name, VARIABLES);
    return `${name} is not a setting of this version and has no effect${near ? `: did you mean ${near}?` : ""}`;
  });

/** A required variable that is missing is often there under a mistyped name. */
function withHint(mistake: SettingMistake, environment: Environment): SettingMistake {
  if (!mistake.detail.startsWith("is required")) return mistake;
  const typo = nearest(mistake.setting, unknownVariables(environment));
  return typo ? { ...mistake, detail: `${mistake.detail}. ${typo} is set: is it a typing error?` } : mistake;
}
