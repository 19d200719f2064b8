import { hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod/mini";
import type { Secrets } from "./contract/secrets.ts";
import { type DataKey, dataKeyWithFingerprintsOf, newDataKey } from "./data-key.ts";
import { openBytes, sealBytes } from "./seal.ts";

/** Under this name the key stands among the secrets of the database. */
const NAME = "data-key";
/** In its place where a version before has made the fingerprints with a key that came from the API key alone. */
export const OF_API_KEY = "of the API key";

const SALT = 16;

/** The same key as often as there are API keys that may unlock it, the newest first. */
const wrappedKeys = z.object({ wrapped: z.array(z.base64url()).check(z.minLength(1)) });

export interface ApiKeys {
  apiKey: string;
  /** The one before, while it is replaced. */
  previous?: string | undefined;
}

/** The database belongs to another account at Vambe, or its key has been replaced. */
export class ForeignDatabase extends Error {}

const FOREIGN =
  "the database belongs to another VAMBE_API_KEY, so its users are another account's. Where the account only got a new key, start once with the old one in VAMBE_API_KEY_PREVIOUS. Otherwise give this exchange a database of its own in VAMBE_DATABASE_URL; in PostgreSQL a schema of its own will do: ?schema=<name>";

/**
 * Finds the key of the database, or makes it where there is none. It is wrapped with a key that comes from the API key: so
 * an exchange of another account cannot start on this database, nor read a copy of it.
 * @throws {ForeignDatabase} where neither key unlocks it
 */
export async function unlock(key: DataKey, secrets: Secrets, { apiKey, previous }: ApiKeys): Promise<void> {
  for (let bytes: Uint8Array | undefined; !bytes; ) {
    const found = await secrets.readSecret(NAME);
    const known = found === undefined || found === OF_API_KEY ? undefined : wrappedIn(found);
    bytes = known ? unwrapAny(known, [apiKey, previous]) : newKey(found, previous ?? apiKey);
    if (!bytes)
      throw new ForeignDatabase(
        previous ? `${FOREIGN}. VAMBE_API_KEY_PREVIOUS does not unlock it either` : FOREIGN,
      );
    const next = wrappedNow(known ?? [], bytes, { apiKey, previous });
    const isNews = !known || next.length !== known.length;
    if (isNews && !(await secrets.replaceSecret(NAME, found, JSON.stringify({ wrapped: next }))))
      bytes = undefined;
    if (bytes) key.hold(bytes);
  }
}

/**
 * Finds the key of a database that an exchange has, and changes nothing. For a command.
 * @throws {ForeignDatabase} where neither key unlocks it
 */
export async function unlockExisting(
  key: DataKey,
  secrets: Secrets,
  { apiKey, previous }: ApiKeys,
): Promise<void> {
  const found = await secrets.readSecret(NAME);
  if (found === undefined || found === OF_API_KEY) throw new Error("start the exchange once before");
  const bytes = unwrapAny(wrappedIn(found), [apiKey, previous]);
  if (!bytes) throw new ForeignDatabase(FOREIGN);
  key.hold(bytes);
}

const wrappedIn = (text: string): string[] => wrappedKeys.parse(JSON.parse(text)).wrapped;

const newKey = (found: string | undefined, apiKey: string): Uint8Array =>
  found === undefined ? newDataKey() : dataKeyWithFingerprintsOf(fingerprintKeyOf(apiKey));

const fingerprintKeyOf = (apiKey: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", apiKey, "", "vambe-identity/fingerprint", 32));

/**
 * While an API key is replaced both unlock. Once the previous one is no longer named, those behind the present one go; an
 * instance that still has an older one takes nobody out.
 */
function wrappedNow(known: string[], bytes: Uint8Array, { apiKey, previous }: ApiKeys): string[] {
  const own = known.findIndex((wrapped) => unwrap(wrapped, apiKey));
  if (own < 0) {
    const before = previous && !unwrapAny(known, [previous]) ? [wrap(bytes, previous)] : [];
    return [wrap(bytes, apiKey), ...known, ...before];
  }
  return previous ? known : known.slice(0, own + 1);
}

const unwrapAny = (wrapped: string[], apiKeys: (string | undefined)[]): Uint8Array | undefined => {
  for (const apiKey of apiKeys) {
    for (const one of wrapped) {
      const bytes = apiKey === undefined ? undefined : unwrap(one, apiKey);
      if (bytes) return bytes;
    }
  }
  return undefined;
};

function wrap(bytes: Uint8Array, apiKey: string): string {
  const salt = randomBytes(SALT);
  return Buffer.concat([salt, sealBytes(wrappingKeyOf(apiKey, salt), bytes)]).toString("base64url");
}

function unwrap(wrapped: string, apiKey: string): Uint8Array | undefined {
  const bytes = Buffer.from(wrapped, "base64url");
  return openBytes(wrappingKeyOf(apiKey, bytes.subarray(0, SALT)), bytes.subarray(SALT));
}

const wrappingKeyOf = (apiKey: string, salt: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", apiKey, salt, "vambe-identity/data-key", 32));
