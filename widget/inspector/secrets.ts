import type { Call } from "../call.ts";

const HIDDEN = "[hidden]";

/** What a proof, a token, an email address or a user_hash looks like. */
const LOOKS_SECRET =
  /eyJ[\w-]+\.[\w.-]+|[^\s"'`<>(),;@]+@[^\s"'`<>(),;@]+|(?<![\da-f])[\da-f]{64}(?![\da-f])/gi;

/** The secrets that a call holds. */
export function secretsOf(call: Call | undefined) {
  return [call?.held, call?.proof, call?.identity?.token, call?.webchatToken];
}

/** `text` without what must not be shown: the given secrets, and everything that looks like a secret. */
export function withoutSecrets(text: string, secrets: (string | null | undefined)[] = []): string {
  let shown = text;
  for (const secret of secrets) if (secret) shown = shown.replaceAll(secret, HIDDEN);
  return shown.replace(LOOKS_SECRET, HIDDEN);
}
