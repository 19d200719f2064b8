/** RFC 7518 §3.2: a key for HS256 is at least as long as the hash. */
const SHORTEST_BYTES = 32;

const MAKE_ONE = "make one with `openssl rand -hex 32`";

/**
 * The bytes of one shared secret, once it is one that an exchange can have too.
 * @throws {TypeError} or {RangeError} that never repeats it.
 */
export function checkSecret(secret: unknown): Uint8Array {
  if (typeof secret !== "string" || secret === "") {
    throw new TypeError(
      "secret is required: the text that the exchange has in VAMBE_IDENTITY_SECRET. Is the variable set where this runs?",
    );
  }
  // The exchange reads a comma-separated list and trims its items, so it cannot hold such a secret: nothing
  // signed with it would ever verify.
  if (secret.includes(",")) {
    throw new RangeError(
      `secret must not contain a comma, for commas separate the secrets in VAMBE_IDENTITY_SECRET: pass one of them, the newest. If the comma is part of it, ${MAKE_ONE}`,
    );
  }
  if (secret.trim() !== secret) {
    throw new RangeError(
      "secret must not begin or end with white space: remove the line break that reading it from a file has left",
    );
  }
  const bytes = new TextEncoder().encode(secret);
  if (bytes.byteLength < SHORTEST_BYTES) {
    throw new RangeError(`secret must be at least ${SHORTEST_BYTES} bytes: ${MAKE_ONE}`);
  }
  return bytes;
}
