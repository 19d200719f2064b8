import { z } from "zod";
import { isLoopbackHost } from "../guarded-fetch/address.ts";
import type { Authenticate } from "../proof/authenticate.ts";
import { signingKeyMistake } from "../token/signing-key.ts";
import { uuid } from "../vambe/contract.ts";

/** A setting that is wrong: its name (the variable, or the option of `createExchange`) and how to mend it. */
export interface SettingMistake {
  setting: string;
  detail: string;
}

/** Thrown at the start, with all mistakes at once. Never holds a value: a value may be a secret. */
export class SettingsError extends Error {
  readonly mistakes: readonly SettingMistake[];

  constructor(mistakes: readonly SettingMistake[]) {
    super(
      `Settings need mending:\n${mistakes.map(({ setting, detail }) => `  ${setting} ${detail}`).join("\n")}`,
    );
    this.name = "SettingsError";
    this.mistakes = mistakes;
  }
}

/** An absolute URL over https, or over http where it never leaves the machine. As it is written. */
const exactUrl = (example: string) =>
  z.string({ error: `is required, such as ${example}` }).transform((value, context) => {
    const url = URL.parse(value);
    const secure = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackHost(url.hostname));
    if (!url || !secure || url.username || url.password || url.search || url.hash) {
      context.addIssue(
        `must be an https URL such as ${example} (http only for localhost), without a query or a password`,
      );
      return z.NEVER;
    }
    return url.href;
  });

/** One that others are built upon: without a slash at the end. */
const webUrl = (example: string) => exactUrl(example).transform((url) => url.replace(/\/$/, ""));

const origin = z
  .string({ error: "must be an origin such as https://www.example.com" })
  .transform((value, context) => {
    const url = URL.parse(value);
    if (value === "*") {
      context.addIssue("must name each origin: * would let any page on the web identify your users");
    } else if (!url || !/^https?:$/.test(url.protocol) || `${url.origin}/` !== url.href) {
      context.addIssue(
        "must be origins such as https://www.example.com: scheme and host, no path, comma-separated",
      );
    } else {
      return url.origin;
    }
    return z.NEVER;
  });

const secret = z
  .string({ error: "must be a string" })
  .refine(
    (value) => Buffer.byteLength(value) >= 32,
    "must be at least 32 bytes each: make one with `openssl rand -hex 32`",
  );

const PATHS = "must list traits and where they stand, such as id:user.id,name:user.fullName";

const fieldKey = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

/** What `createExchange` takes, and what the environment is turned into: one meaning, checked once. */
export const settingsSchema = z.strictObject({
  /** Vambe's API key. It is sent to `apiUrl` and nowhere else. */
  apiKey: z
    .string({ error: "is required: the API key from Vambe's settings" })
    .regex(
      /^[\x21-\x7e]+$/,
      "must be the API key as Vambe shows it: printable characters, no spaces or line breaks",
    ),
  /** UUID of the webchat channel. */
  channelId: z
    .string({ error: "is required: the UUID of your webchat channel" })
    .regex(uuid, "must be the UUID of your webchat channel"),
  apiUrl: webUrl("https://api.vambe.me").default("https://api.vambe.me"),
  /** Secrets shared with the site's backend, newest first. */
  identitySecrets: z.array(secret).default([]),
  /** Secrets that `user_hash` is checked with, and nothing else is. Default: `identitySecrets`. */
  userHashSecrets: z.array(secret).default([]),
  /** Accept ID tokens of this OpenID provider as proof. */
  oidcIssuer: webUrl("https://tenant.eu.auth0.com").optional(),
  /** What `aud` of those tokens (Clerk: `azp`) has to be; one of several suffices. Required beside `oidcIssuer`. */
  oidcAudience: z.array(z.string({ error: "must be a string" }).min(1, "must not be empty")).default([]),
  /** The site's own endpoint that says who the visitor's cookies belong to. */
  sessionUrl: exactUrl("https://www.example.com/api/me").optional(),
  /** Where in that endpoint's JSON a trait stands: trait → path, such as `{ name: "user.fullName" }`. */
  sessionFields: z.record(z.string(), z.string().min(1, PATHS), { error: PATHS }).default({}),
  /** For an app that mounts the handler: who is signed in, by its own session. Not a setting of the environment. */
  authenticate: z
    .custom<Authenticate>(
      (value) => typeof value === "function",
      "must be a function: Request → user or null",
    )
    .optional(),
  /** Let each proof serve once; proofs then need a `jti`. */
  proofOnce: z.boolean({ error: "must be true or false" }).default(false),
  /** Accept an id without a proof, marked `verified: false`. */
  allowUnverified: z.boolean({ error: "must be true or false" }).default(false),
  /** What happens to traits that no proof covers. */
  unprovenTraits: z.enum(["ignore", "apply"], { error: "must be ignore or apply" }).default("ignore"),
  /** Origins whose pages may identify users. */
  allowedOrigins: z
    .array(origin, { error: "is required: the origins of your pages, such as https://www.example.com" })
    .min(1, "is required: the origins of your pages, such as https://www.example.com"),
  /** Where this exchange is reached; the `iss` of its tokens. A path is allowed. */
  publicUrl: webUrl("https://id.example.com"),
  /** Trait → key of the custom field at Vambe that takes it. */
  fields: z
    .record(
      z.string().regex(fieldKey, "must list traits such as plan or account_id:account"),
      z.string().regex(fieldKey, "must list custom field keys such as plan or account_id:account"),
    )
    .refine(
      (map) => new Set(Object.values(map)).size === Object.keys(map).length,
      "must not send two traits to one key",
    )
    .default({ plan: "plan" }),
  stageId: z.string().regex(uuid, "must be the UUID of a pipeline stage").optional(),
  agentId: z.string().regex(uuid, "must be the UUID of a team member").optional(),
  /** `meta_data.source` of every upsert. */
  source: z.string().min(1).max(255).default("vambe-identity"),
  databaseUrl: z
    .string()
    .regex(/^(file:.+|memory:|postgres(ql)?:\/\/.+)$/, "must be file:<path>, postgres://… or memory:")
    .refine(
      (url) => !url.startsWith("postgres") || URL.canParse(url),
      "must be a URL: in a user or a password write / as %2F, @ as %40, # as %23 and % as %25",
    )
    .default("file:vambe-identity.db"),
  /** The private JWK (P-256), as JSON, that signs the tokens. Default: one made once and kept in the database. */
  signingKey: z
    .string({ error: "must be a private P-256 key as a JWK, in JSON" })
    .superRefine((text, context) => {
      const mistake = signingKeyMistake(text);
      if (mistake) context.addIssue(mistake);
    })
    .optional(),
  /** How many proxies in front are believed about the client's address. */
  trustProxy: z
    .int({ error: "must be the number of proxies in front, such as 1" })
    .min(0, "must be at least 0")
    .max(10, "must be at most 10")
    .default(0),
  /** Identifies a minute from one address, and half as many for one user. 0 sets no limit. */
  rateLimit: z
    .number({ error: "must be a number of requests a minute, such as 300" })
    .min(0, "must be at least 0")
    .default(300),
  /** Upserts a second. */
  maxRate: z
    .number({ error: "must be a number of upserts a second, such as 5" })
    .min(0.1, "must be at least 0.1")
    .max(1000, "must be at most 1000")
    .default(5),
});

export type Settings = z.output<typeof settingsSchema>;
export type ExchangeOptions = z.input<typeof settingsSchema>;

/**
 * Checks options and fills in the defaults.
 * @throws {SettingsError} naming every option that is wrong; `nameOf` turns an option's name into the caller's.
 */
export function checkSettings(
  options: unknown,
  nameOf: (option: string) => string = (option) => option,
): Settings {
  const result = settingsSchema.safeParse(options);
  const mistakes = (result.error?.issues ?? []).flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ setting: nameOf(key), detail: "is not an option" }))
      : [{ setting: nameOf(String(issue.path[0] ?? "options")), detail: issue.message }],
  );
  if (lacksAudience(options)) mistakes.push({ setting: nameOf("oidcAudience"), detail: NO_AUDIENCE });
  if (sharesSecret(options)) mistakes.push({ setting: nameOf("userHashSecrets"), detail: SAME_SECRET });
  if (!canProve(options)) mistakes.push({ setting: nameOf("identitySecrets"), detail: NO_PROOF });
  if (result.success && mistakes.length === 0) return result.data;
  throw new SettingsError(mistakes);
}

const NO_PROOF =
  "is required, or nobody can prove who they are: the secret shared with your backend, at least 32 bytes (`openssl rand -hex 32`)";

const NO_AUDIENCE =
  "is required beside the issuer: the client id that its ID tokens are made for, or tokens made for other apps would count";

const SAME_SECRET =
  "must not be one of the secrets that JWTs are signed with: it is there to keep the two apart";

function sharesSecret(options: unknown): boolean {
  const { identitySecrets, userHashSecrets } = Object(options);
  return [userHashSecrets ?? []].flat().some((secret) => [identitySecrets ?? []].flat().includes(secret));
}

function lacksAudience(options: unknown): boolean {
  const { oidcIssuer, oidcAudience } = Object(options);
  return oidcIssuer !== undefined && (oidcAudience === undefined || oidcAudience?.length === 0);
}

/** Whether there is any way for a user to be accepted. Asked of the raw options, so that it is said beside other mistakes. */
function canProve(options: unknown): boolean {
  const { identitySecrets, userHashSecrets, oidcIssuer, sessionUrl, authenticate, allowUnverified } =
    Object(options);
  const hasSecrets = [identitySecrets, userHashSecrets].some(
    (list) => list !== undefined && list?.length !== 0,
  );
  const hasOther = [oidcIssuer, sessionUrl, authenticate].some((option) => option !== undefined);
  return hasSecrets || hasOther || allowUnverified === true;
}
