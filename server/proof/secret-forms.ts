import { createHmac, timingSafeEqual } from "node:crypto";

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

/** Whether a JWT's signature is the HS256 of this key. */
export function isSignedWith(proof: string, key: string | Buffer): boolean {
  const dot = proof.lastIndexOf(".");
  const signature = Buffer.from(proof.slice(dot + 1), "base64url");
  const made = createHmac("sha256", key).update(proof.slice(0, dot)).digest();
  return signature.length === made.length && timingSafeEqual(signature, made);
}

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
