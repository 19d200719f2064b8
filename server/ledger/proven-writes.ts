import type { WriteProof } from "./contract/write-proof.ts";

/** How long a write that was committed serves as a proof that the next one will be, in milliseconds. */
const PROVEN_MS = 15_000;

/** Whether what is recorded now would last: looked at now and then, and anew once something was not recorded. */
export class ProvenWrites {
  readonly #ledger: WriteProof;
  #provenAt = Number.NEGATIVE_INFINITY;

  constructor(ledger: WriteProof) {
    this.#ledger = ledger;
  }

  /** @throws {NotWritable} */
  async prove(): Promise<void> {
    if (performance.now() - this.#provenAt < PROVEN_MS) return;
    await this.#ledger.proveWrite(Date.now());
    this.#provenAt = performance.now();
  }

  /** Something could not be recorded. */
  doubt(): void {
    this.#provenAt = Number.NEGATIVE_INFINITY;
  }
}
