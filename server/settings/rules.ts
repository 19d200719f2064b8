import { isSameKey } from "../sign/user-hash-key.ts";
import { isForStrangers } from "./origin.ts";
import type { OPTIONS } from "./table.ts";

/** Something that is right or wrong only by several options together. */
interface Rule {
  /** The option that has to change. */
  option: keyof typeof OPTIONS;
  detail: string;
  /** Asked of the raw options, so that it is said beside other mistakes. */
  isBroken(options: RawOptions): boolean;
}

type RawOptions = Readonly<Partial<Record<keyof typeof OPTIONS, unknown>>>;

export const RULES: readonly Rule[] = [
  {
    option: "allowedOrigins",
    detail:
      "must not have a pattern such as https://*.vercel.app where the visitor's cookies are the proof: any stranger's page there could identify your signed-in visitors and read their tokens. Name each origin, or use a domain of your own",
    isBroken: ({ allowedOrigins, sessionUrl, authenticate }) =>
      (sessionUrl !== undefined || authenticate !== undefined) &&
      textsIn(allowedOrigins).some(isForStrangers),
  },
  {
    option: "apiKeyPrevious",
    detail: "must be the key before, and is the same as VAMBE_API_KEY: take it out",
    isBroken: ({ apiKey, apiKeyPrevious }) => apiKeyPrevious !== undefined && apiKeyPrevious === apiKey,
  },
  {
    option: "userHashSecrets",
    detail:
      "must not be one of the secrets that JWTs are signed with: it is there to keep the two apart. Take it out of VAMBE_IDENTITY_SECRET, where no JWT is signed with it, or give JWTs another",
    isBroken: ({ identitySecrets, userHashSecrets }) =>
      haveOneInCommon(textsIn(userHashSecrets), textsIn(identitySecrets)),
  },
  {
    option: "webchatSecrets",
    detail:
      "must not be one of the secrets that proofs are signed with or a user_hash is made with: one signature would then pass for the other",
    isBroken: ({ webchatSecrets, identitySecrets, userHashSecrets }) =>
      haveOneInCommon(textsIn(webchatSecrets), [...textsIn(identitySecrets), ...textsIn(userHashSecrets)]),
  },
  {
    option: "identitySecrets",
    detail:
      "is required, or nobody can prove who they are: the secret shared with your backend, at least 32 bytes (`openssl rand -hex 32`)",
    isBroken: ({ identitySecrets, userHashSecrets, oidcIssuer, sessionUrl, authenticate, allowUnverified }) =>
      isEmpty(identitySecrets) &&
      isEmpty(userHashSecrets) &&
      isEmpty(oidcIssuer) &&
      sessionUrl === undefined &&
      authenticate === undefined &&
      allowUnverified !== true,
  },
];

const isEmpty = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);

const textsIn = (value: unknown): string[] =>
  [value ?? []].flat().filter((item): item is string => typeof item === "string");

const haveOneInCommon = (some: string[], others: string[]) =>
  some.some((secret) => others.some((other) => isSameKey(secret, other)));
