import { readFileSync } from "node:fs";
import {
  checkSettings,
  type SettingMistake,
  type Settings,
  SettingsError,
  settingsSchema,
} from "./check-settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const list = (value: string) =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);

/** `plan,account_id:account` → `{ plan: "plan", account_id: "account" }` */
const fieldMap = (value: string) =>
  Object.fromEntries(
    list(value).map((entry) => {
      const [trait = "", ...key] = entry.split(":").map((part) => part.trim());
      return [trait, key.length === 0 ? trait : key.join(":")];
    }),
  );

/** What is neither true nor false stays a string, which the schema then refuses. */
const truth = (value: string) => ({ true: true, false: false })[value.toLowerCase()] ?? value;

const plain = (value: string) => value;

/** Each variable, the option that it sets, and how its text is read. */
const VARIABLES = {
  VAMBE_API_KEY: ["apiKey", plain],
  VAMBE_CHANNEL_ID: ["channelId", plain],
  VAMBE_API_URL: ["apiUrl", plain],
  VAMBE_IDENTITY_SECRET: ["identitySecrets", list],
  VAMBE_USER_HASH_SECRET: ["userHashSecrets", list],
  VAMBE_OIDC_ISSUER: ["oidcIssuer", plain],
  VAMBE_OIDC_AUDIENCE: ["oidcAudience", list],
  VAMBE_SESSION_URL: ["sessionUrl", plain],
  VAMBE_SESSION_FIELDS: ["sessionFields", fieldMap],
  VAMBE_PROOF_ONCE: ["proofOnce", truth],
  VAMBE_SIGNING_KEY: ["signingKey", plain],
  VAMBE_TRUST_PROXY: ["trustProxy", Number],
  VAMBE_RATE_LIMIT: ["rateLimit", Number],
  VAMBE_ALLOW_UNVERIFIED: ["allowUnverified", truth],
  VAMBE_UNPROVEN_TRAITS: ["unprovenTraits", plain],
  VAMBE_MAX_RATE: ["maxRate", Number],
  VAMBE_ALLOWED_ORIGINS: ["allowedOrigins", list],
  VAMBE_PUBLIC_URL: ["publicUrl", plain],
  VAMBE_FIELDS: ["fields", fieldMap],
  VAMBE_STAGE_ID: ["stageId", plain],
  VAMBE_AGENT_ID: ["agentId", plain],
  VAMBE_SOURCE: ["source", plain],
  VAMBE_DATABASE_URL: ["databaseUrl", plain],
} as const satisfies Record<string, readonly [keyof Settings, (value: string) => unknown]>;

/** Secrets may also be read from the file that `<name>_FILE` names, as container platforms hand them over. */
const SECRETS = [
  "VAMBE_API_KEY",
  "VAMBE_IDENTITY_SECRET",
  "VAMBE_USER_HASH_SECRET",
  "VAMBE_SIGNING_KEY",
  "VAMBE_DATABASE_URL",
];

export interface Listener {
  host: string;
  port: number;
}

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
  const listener = readListener(environment, mistakes);
  const options: Record<string, unknown> = { publicUrl: defaultPublicUrl(listener) };
  for (const [variable, [option, read]] of Object.entries(VARIABLES)) {
    const value = readVariable(environment, variable, mistakes);
    if (value !== undefined) options[option] = read(value);
  }
  const variableOf = (option: string) =>
    Object.entries(VARIABLES).find(([, [name]]) => name === option)?.[0] ?? option;
  try {
    const settings = checkSettings(options, variableOf);
    if (mistakes.length === 0) return { settings, listener, warnings: warningsFor(environment, settings) };
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
  const setting = "VAMBE_IDENTITY_SECRET";
  const { identitySecrets = [] } = readSome(environment, [setting]);
  if (identitySecrets.length > 0) return identitySecrets;
  const detail = `is required: the secret that the exchange has (or ${setting}_FILE, a path to read it from)`;
  throw new SettingsError([withHint({ setting, detail }, environment)]);
}

/**
 * A few of the settings, for a command that needs no others. What is not set is left out or has its default.
 * @throws {SettingsError} with all of the mistakes in them
 */
export function readSome(
  environment: Environment,
  variables: readonly (keyof typeof VARIABLES)[],
): Partial<Settings> {
  const mistakes: SettingMistake[] = [];
  const settings = new Map<string, unknown>();
  for (const variable of variables) {
    const [option, read] = VARIABLES[variable];
    const text = readVariable(environment, variable, mistakes);
    const { success, data, error } = settingsSchema.shape[option].safeParse(
      text === undefined ? undefined : read(text),
    );
    if (success) settings.set(option, data);
    else mistakes.push({ setting: variable, detail: error.issues[0]?.message ?? "is not valid" });
  }
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return Object.fromEntries([...settings].filter(([, value]) => value !== undefined));
}

function readVariable(
  environment: Environment,
  variable: string,
  mistakes: SettingMistake[],
): string | undefined {
  const value = environment[variable]?.trim() || undefined;
  const file = SECRETS.includes(variable) ? environment[`${variable}_FILE`] || undefined : undefined;
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

function readListener(environment: Environment, mistakes: SettingMistake[]): Listener {
  const port = environment.PORT?.trim() ? Number(environment.PORT) : 8787;
  const valid = Number.isInteger(port) && port >= 1 && port <= 65535;
  if (!valid) mistakes.push({ setting: "PORT", detail: "must be a port number from 1 to 65535" });
  return { port: valid ? port : 8787, host: environment.HOST?.trim() || "0.0.0.0" };
}

function defaultPublicUrl({ host, port }: Listener): string {
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function warningsFor(environment: Environment, settings: Settings): string[] {
  const warnings = unknownVariables(environment).map((name) => {
    const near = nearest(name, Object.keys(VARIABLES));
    return `${name} is not a setting of this version and has no effect${near ? `: did you mean ${near}?` : ""}`;
  });
  if (settings.allowUnverified) {
    warnings.push(
      "VAMBE_ALLOW_UNVERIFIED is on: any visitor can claim any id. Contacts are marked verified: false. Use it for a first try, not for customers",
    );
  }
  if (settings.unprovenTraits === "apply") {
    warnings.push(
      "VAMBE_UNPROVEN_TRAITS=apply: visitors can write what they like into names, emails and custom fields",
    );
  }
  if (settings.oidcAudience.length > 0 && settings.oidcIssuer === undefined) {
    warnings.push("VAMBE_OIDC_AUDIENCE has no effect without VAMBE_OIDC_ISSUER");
  }
  if (settings.proofOnce && settings.oidcIssuer !== undefined) {
    warnings.push(
      "VAMBE_PROOF_ONCE refuses ID tokens without a jti; Auth0, Supabase and Firebase issue such",
    );
  }
  if (settings.databaseUrl === "memory:") {
    warnings.push("VAMBE_DATABASE_URL is memory: — what is queued is lost at the next stop");
  }
  return warnings;
}

function unknownVariables(environment: Environment): string[] {
  const known = new Set([...Object.keys(VARIABLES), ...SECRETS.map((name) => `${name}_FILE`)]);
  return Object.keys(environment).filter((name) => name.startsWith("VAMBE_") && !known.has(name));
}

/** A required variable that is missing is often there under a mistyped name. */
function withHint(mistake: SettingMistake, environment: Environment): SettingMistake {
  if (!mistake.detail.startsWith("is required")) return mistake;
  const typo = nearest(mistake.setting, unknownVariables(environment));
  return typo ? { ...mistake, detail: `${mistake.detail}. ${typo} is set: is it a typing error?` } : mistake;
}

function nearest(name: string, candidates: string[]): string | undefined {
  return candidates.find((candidate) => editDistance(name, candidate) <= 3);
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const substituted = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
