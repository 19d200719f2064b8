const HIDDEN = "[hidden]";

/** What a proof, a token, an address or a user_hash looks like, wherever it turns up. */
const LOOKS_SECRET =
  /eyJ[\w-]+\.[\w.-]+|[^\s"'`<>(),;@]+@[^\s"'`<>(),;@]+|(?<![\da-f])[\da-f]{64}(?![\da-f])/gi;

/** `text` with whatever must not be shown taken out: the secrets named, and all that looks like one. */
export function withoutSecrets(text: string, secrets: (string | null | undefined)[] = []): string {
  let shown = text;
  for (const secret of secrets) if (secret) shown = shown.replaceAll(secret, HIDDEN);
  return shown.replace(LOOKS_SECRET, HIDDEN);
}
