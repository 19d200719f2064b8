import type { Secrets } from "../ledger/contract/secrets.ts";
import type { Log } from "../log.ts";
import type { Verdict } from "../vambe/verdict.ts";

/** Under this name it stands beside the secrets that instances share. */
const NAME = "organization";

/**
 * Whose account at Vambe the answers come from. The first that an answer names (`client_id`) is remembered with the
 * database; another one later means that the key or the address leads to somebody else's account, which must get nobody
 * of ours.
 */
export class Organization {
  readonly #ledger: Pick<Secrets, "readSecret" | "replaceSecret">;
  readonly #log: Log;
  #ours: string | undefined;
  #isAnother = false;

  constructor(ledger: Pick<Secrets, "readSecret" | "replaceSecret">, log: Log) {
    this.#ledger = ledger;
    this.#log = log;
  }

  /** Whether an answer has named another one: then nothing more may be sent, until a start with other settings. */
  get isAnother(): boolean {
    return this.#isAnother;
  }

  /** Takes note of whom an answer names. What another's account has taken has not arrived. */
  async heed(verdict: Verdict): Promise<Verdict> {
    if (verdict.kind !== "confirmed" || verdict.organization === undefined) return verdict;
    if (await this.#isOurs(verdict.organization)) return verdict;
    return { kind: "failed", cause: "another organization" };
  }

  async #isOurs(named: string): Promise<boolean> {
    this.#ours ??= await this.#remembered(named);
    if (named === this.#ours) return true;
    if (!this.#isAnother) {
      this.#log.error(
        "Vambe's answer names another organization (client_id) than before: VAMBE_API_KEY or VAMBE_API_URL is another account's. Deliveries are stopped, and what waits is kept. Set the right one and start again; for another account use a database of its own",
        { setting: "VAMBE_API_KEY" },
      );
    }
    this.#isAnother = true;
    return false;
  }

  async #remembered(named: string): Promise<string> {
    const found = await this.#ledger.readSecret(NAME);
    if (found !== undefined) return found;
    if (await this.#ledger.replaceSecret(NAME, undefined, named)) return named;
    return (await this.#ledger.readSecret(NAME)) ?? named;
  }
}
