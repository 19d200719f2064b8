import { createHash } from "node:crypto";
import type { Contacts } from "../ledger/contract/contacts.ts";
import type { Delivery, Settlement } from "../ledger/row.ts";
import { nameOf } from "../ledger/user-key.ts";
import type { Verdict } from "../vambe/verdict.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { DeliveryLog } from "./delivery-log.ts";
import type { Attempt } from "./missing-fields.ts";
import { settlementOf } from "./settlement.ts";

/** What becomes of one delivery means something for the others, for the rows that wait, and for the operator. */
export class Outcomes {
  readonly #ledger: Pick<Contacts, "wakeAll" | "reopen">;
  readonly #breaker: CircuitBreaker;
  readonly #said: DeliveryLog;
  /** When the first contact was refused since one was taken last, in milliseconds since the epoch. */
  #refusedSince: number | undefined;
  /** Whether it has turned out that those refusals were about all. */
  #wereAboutAll = false;

  constructor(ledger: Pick<Contacts, "wakeAll" | "reopen">, breaker: CircuitBreaker, said: DeliveryLog) {
    this.#ledger = ledger;
    this.#breaker = breaker;
    this.#said = said;
  }

  /** One call has ended. */
  async called(verdict: Verdict, delivery: Delivery): Promise<void> {
    const consequence = this.#breaker.report(nameOf(delivery), verdict, performance.now(), delivery.attempts);
    this.#said.called(verdict, consequence);
    if (verdict.kind === "confirmed") await this.#takenAgain();
    if (consequence === "over") await this.#ledger.wakeAll(Date.now());
  }

  /** All that could be tried for a delivery has been. */
  async ended(attempt: Attempt, delivery: Delivery): Promise<Settlement> {
    const { verdict } = attempt;
    if (verdict.kind !== "refused") return settlementOf(attempt, delivery);
    this.#refusedSince ??= Date.now();
    const content = createHash("sha256").update(JSON.stringify(delivery.traits)).digest("base64");
    const consequence = this.#breaker.refuse(
      nameOf(delivery),
      verdict,
      content,
      performance.now(),
      delivery.attempts,
    );
    this.#said.refused(verdict, consequence);
    if (consequence === "paused" && !this.#wereAboutAll) {
      this.#wereAboutAll = true;
      await this.#ledger.reopen(this.#refusedSince, Date.now());
    }
    return settlementOf(attempt, delivery, { isOwnFault: consequence === "alone" });
  }

  /** What other instances have rejected meanwhile goes out too. */
  async #takenAgain(): Promise<void> {
    const since = this.#wereAboutAll ? this.#refusedSince : undefined;
    this.#refusedSince = undefined;
    this.#wereAboutAll = false;
    if (since !== undefined) await this.#ledger.reopen(since, Date.now());
  }
}
