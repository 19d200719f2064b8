import { isSignedWith } from "./hs256.ts";

/** A secret as somebody may have come to use it, and what he has then done with it. */
interface Form {
  key: string | Buffer;
  words: string;
}

/** The usual ways in which a backend and the exchange come to have different secrets although they have the same one. */
const formsOf = (secret: string): Form[] => [
  { key: `${secret}\n`, words: "the secret and a line break behind it" },
  { key: `${secret}\r\n`, words: "the secret and a line break behind it" },
  { key: `"${secret}"`, words: "the secret in quotes" },
  { key: `'${secret}'`, words: "the secret in quotes" },
  ...(/^([0-9a-f]{2})+$/i.test(secret)
    ? [{ key: Buffer.from(secret, "hex"), words: "the secret decoded from hex" }]
    : []),
  ...(/^[\w+/-]+=*$/.test(secret)
    ? [{ key: Buffer.from(secret, "base64"), words: "the secret decoded from base64" }]
    : []),
];

/**
 * In which other form one of the secrets verifies a proof that none of them verifies as it stands. The proof is refused all
 * the same: this is for the developer who looks for the difference.
 */
export function otherFormOf(proof: string, secrets: readonly string[]): string | undefined {
  const lists = [secrets.join(","), secrets.join(", ")].map((key) => ({
    key,
    words: "the whole comma-separated list of secrets",
  }));
  return [...secrets.flatMap(formsOf), ...lists].find(({ key }) => isSignedWith(proof, key))?.words;
}
