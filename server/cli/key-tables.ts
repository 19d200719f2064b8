import type { SecretUse } from "../ledger/contract/secret-uses.ts";
import { secretIdOf } from "../proof/secret-use.ts";
import { type KeptKey, stateOf } from "../token/kept-keys.ts";
import { signingKeyOf } from "../token/signing-key.ts";
import { momentOf, table } from "./table.ts";

/** What `keys list` prints. */

/** @param given the text of `VAMBE_SIGNING_KEY`, which is used instead of the kept keys */
export async function keyTable(
  kept: readonly KeptKey[],
  given: string | undefined,
  now: number,
): Promise<string> {
  if (given !== undefined) {
    const { kid } = await signingKeyOf(JSON.parse(given));
    return table([
      ["KID", "STATE", "CREATED"],
      [kid, "signing, from VAMBE_SIGNING_KEY", "-"],
    ]);
  }
  if (kept.length === 0) return "There is no signing key yet: the exchange makes one when it starts.";
  const newestFirst = [...kept].reverse();
  return table([
    ["KID", "STATE", "CREATED"],
    ...newestFirst.map((key) => [key.kid, stateText(key, now), momentOf(key.createdAt)]),
  ]);
}

function stateText(key: KeptKey, now: number): string {
  const state = stateOf(key, now);
  return state === "published" ? `published until ${momentOf(key.publishedUntil ?? 0)}` : state;
}

/** @param secrets those in `VAMBE_IDENTITY_SECRET`, where that is set */
export function secretTable(uses: readonly SecretUse[], secrets: readonly string[]): string {
  const listed = secrets.map(secretIdOf);
  const known = listed.flatMap((secret, index) => rowsOf(secret, `${index + 1}`, uses));
  const elsewhere = secrets.length > 0 ? "not in it" : "unknown";
  const others = [...new Set(uses.map(({ secret }) => secret))]
    .filter((secret) => !listed.includes(secret))
    .flatMap((secret) => rowsOf(secret, elsewhere, uses));
  if (known.length + others.length === 0) return "No proof has been verified with a secret yet.";
  const note =
    secrets.length > 0
      ? "The place is that in VAMBE_IDENTITY_SECRET."
      : "Set VAMBE_IDENTITY_SECRET to see which secret is which.";
  return `${table([["SECRET", "PLACE", "KID", "PROOFS", "LAST PROOF"], ...known, ...others])}

${note} A running exchange adds what it has counted every 10 seconds.`;
}

function rowsOf(secret: string, place: string, uses: readonly SecretUse[]): string[][] {
  const own = uses.filter((use) => use.secret === secret);
  if (own.length === 0) return [[secret, place, "-", "0", "never"]];
  return own.map(({ kid, proofs, lastAt }) => [secret, place, kid || "-", `${proofs}`, momentOf(lastAt)]);
}
