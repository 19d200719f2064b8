import { type CipherKey, createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** AES-256-GCM (NIST SP 800-38D) as one piece: the nonce, what is sealed, and the tag. Bytes. */
const CIPHER = "aes-256-gcm";
const IV = 12;
const TAG = 16;

/** Other bytes each time. @param boundTo without which it cannot be opened; it is not kept in it */
export function sealBytes(key: CipherKey, bytes: Uint8Array, boundTo: Uint8Array = new Uint8Array()): Buffer {
  const iv = randomBytes(IV);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(boundTo);
  return Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** @returns `undefined` where it was sealed with another key, is bound to something else, or is damaged */
export function openBytes(
  key: CipherKey,
  sealed: Uint8Array,
  boundTo: Uint8Array = new Uint8Array(),
): Buffer | undefined {
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV), { authTagLength: TAG })
      .setAAD(boundTo)
      .setAuthTag(sealed.subarray(-TAG));
    return Buffer.concat([decipher.update(sealed.subarray(IV, -TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
}
