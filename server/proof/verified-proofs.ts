import { createHash } from "node:crypto";

/** So many are kept, at the most. */
const MOST_KEPT = 10_000;
/** Between two looks for those that have expired, in milliseconds. */
const SWEEP_EVERY_MS = 60_000;

/**
 * Proofs that have been verified, by the SHA-256 of their exact bytes, until they expire: a page that is loaded
 * again brings the same proof, and to verify it is the dearest step of an identify that changes nothing. What
 * differs in a single letter is another proof.
 */
export class VerifiedProofs<T extends { expiresAt: number }> {
  readonly #kept = new Map<string, { verified: T; at: number }>();
  #sweptAt = 0;

  /**
   * What `verify` has made of these bytes, now or before. What it throws is not kept, nor is what has expired.
   * `expiresAt` is in milliseconds since the epoch.
   */
  async get(proof: string, verify: () => Promise<T>): Promise<T> {
    const now = Date.now();
    const name = createHash("sha256").update(proof).digest("base64url");
    const found = this.#kept.get(name);
    // A clock that was put back since has not seen this time yet: then everything is looked at anew.
    if (found && found.at <= now && now < found.verified.expiresAt) return found.verified;
    this.#kept.delete(name);
    const verified = await verify();
    this.#sweep(now);
    if (now < verified.expiresAt) this.#kept.set(name, { verified, at: now });
    return verified;
  }

  get size(): number {
    return this.#kept.size;
  }

  #sweep(now: number): void {
    if (Math.abs(now - this.#sweptAt) >= SWEEP_EVERY_MS) {
      this.#sweptAt = now;
      for (const [name, { verified }] of this.#kept) if (verified.expiresAt <= now) this.#kept.delete(name);
    }
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size < MOST_KEPT) return;
      this.#kept.delete(oldest);
    }
  }
}
