import type { Claim } from "./row.ts";
import { nameOf, type UserKey } from "./user-key.ts";

/** How long what has been seen waits to be written, in milliseconds, and how much of it may wait. */
const WRITE_AFTER_MS = 1000;
const MOST_WAITING = 1000;

/** A user, and when the newest proof is of that he has been seen with: milliseconds since the epoch. */
export interface SeenProof extends UserKey {
  provenAt: number;
}

/**
 * The newest proofs of users about whom they said nothing new. Nearly every identify is one of those, and to write each
 * down at once would cost as much as a change; so they are written together, and looked at here until they are.
 */
export class NewestProofs {
  readonly #write: (seen: readonly SeenProof[]) => Promise<void>;
  readonly #seen = new Map<string, SeenProof>();
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** @param write raises what stands in the rows, and never lowers it */
  constructor(write: (seen: readonly SeenProof[]) => Promise<void>) {
    this.#write = write;
  }

  /** The newest of the row's own and what is still to be written. */
  newest(key: UserKey, written: number): number {
    return Math.max(written, this.#seen.get(nameOf(key))?.provenAt ?? 0);
  }

  /** Takes note of a proof that changed nothing. @param written what stands in the row */
  see({ channelId, userId, provenAt }: Claim, written: number): void {
    if (provenAt === undefined || provenAt <= this.newest({ channelId, userId }, written)) return;
    this.#seen.set(nameOf({ channelId, userId }), { channelId, userId, provenAt });
    if (this.#seen.size >= MOST_WAITING) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), WRITE_AFTER_MS).unref();
  }

  /** Writes what waits. Never rejects: what cannot be written waits for the next time, as far as there is room. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeAll());
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const seen = [...this.#seen.values()];
    if (seen.length === 0) return;
    try {
      await this.#write(seen);
    } catch {
      // A database that is away loses no traits by this: the next proof of each user says the same again.
      if (this.#seen.size < MOST_WAITING) return;
    }
    for (const one of seen) {
      const name = nameOf(one);
      if (this.#seen.get(name) === one) this.#seen.delete(name);
    }
  }
}
