import type { MissingFields } from "../ledger/contract/missing-fields.ts";

/** So many users are refused for the same value before it counts against the field. */
const SAME_VALUE = 5;

/**
 * Tells a custom field that is gone from a value that Vambe does not take: of a field that Vambe has ever taken, one
 * user's refusal says nothing about the others'. It is gone where it is refused to two users with different values, or
 * to five with the same, and taken from nobody between.
 */
export class RefusedFields {
  readonly #ledger: Pick<MissingFields, "markTaken" | "wasEverTaken">;
  /** Keys that Vambe has taken from somebody, as far as is known here. */
  readonly #taken = new Set<string>();
  /** Key → whom it was refused to since it was last taken → with which value. */
  readonly #refused = new Map<string, Map<string, string>>();

  constructor(ledger: Pick<MissingFields, "markTaken" | "wasEverTaken">) {
    this.#ledger = ledger;
  }

  /** Takes note that Vambe has taken somebody's value. */
  async taken(key: string): Promise<void> {
    this.#refused.delete(key);
    if (this.#taken.has(key)) return;
    await this.#ledger.markTaken(key);
    this.#taken.add(key);
  }

  /** Takes note of a refusal. @returns whether it is the field that is missing, and not the value that is wrong */
  async isMissing(key: string, user: string, value: string): Promise<boolean> {
    if (!this.#taken.has(key)) {
      if (!(await this.#ledger.wasEverTaken(key))) return true;
      this.#taken.add(key);
    }
    const refused = this.#refused.get(key) ?? new Map<string, string>();
    this.#refused.set(key, refused.set(user, value));
    const isMissing = refused.size >= SAME_VALUE || new Set(refused.values()).size >= 2;
    if (isMissing) this.#refused.delete(key);
    return isMissing;
  }
}
