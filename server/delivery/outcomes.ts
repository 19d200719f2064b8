import { createHash } from "node:crypto";
import { InFlight } from "../in-flight.ts";
import type { Contacts } from "../ledger/contract/contacts.ts";
import type { Delivery, Settlement } from "../ledger/row.ts";
import { nameOf } from "../ledger/user-key.ts";
import type { Tell } from "../observer.ts";
import { statusOf, type Verdict } from "../vambe/verdict.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";
import type { DeliveryLog } from "./delivery-log.ts";
import type { Attempt } from "./missing-fields.ts";
import { settlementOf } from "./settlement.ts";

/** How long others may take to write down what became of theirs, in milliseconds. */
const SETTLE_MS = 5000;

/** What becomes of one delivery means something for its row, for all that wait, and for the operator. */
export class Outcomes {
  readonly #ledger: Pick<Contacts, "settle" | "wakeAll" | "reopen">;
  readonly #breaker: CircuitBreaker;
  readonly #said: DeliveryLog;
  readonly #tell: Pick<Tell, "called" | "settled">;
  readonly #settling = new InFlight();
  /** When the first contact was refused since one was taken last, in milliseconds since the epoch. */
  #refusedSince: number | undefined;
  /** Whether it has turned out that those refusals were about all. */
  #wereAboutAll = false;
  /** What is still to be done, by `followUp`. */
  #reopenSince: number | undefined;
  #isOver = false;

  constructor(
    ledger: Pick<Contacts, "settle" | "wakeAll" | "reopen">,
    breaker: CircuitBreaker,
    said: DeliveryLog,
    tell: Pick<Tell, "called" | "settled">,
  ) {
    this.#ledger = ledger;
    this.#breaker = breaker;
    this.#said = said;
    this.#tell = tell;
  }

  /** One call has ended, after so many milliseconds. */
  called(verdict: Verdict, delivery: Delivery, durationMs: number): void {
    this.#tell.called({ verdict: verdict.kind, status: statusOf(verdict), durationMs });
    const { attempts } = delivery;
    const consequence = this.#breaker.report(nameOf(delivery), verdict, performance.now(), attempts);
    this.#said.called(verdict, consequence);
    if (consequence === "over") this.#isOver = true;
    if (verdict.kind !== "confirmed") return;
    // What other instances have rejected meanwhile goes out too.
    if (this.#wereAboutAll) this.#reopenSince = this.#refusedSince;
    this.#refusedSince = undefined;
    this.#wereAboutAll = false;
  }

  /** All that could be tried for a delivery has been: its row is settled. `followUp` has to come after it. */
  async settle(attempt: Attempt, delivery: Delivery): Promise<Settlement> {
    const isOwnFault = attempt.verdict.kind !== "refused" || this.#isOwnFault(attempt.verdict, delivery);
    const settlement = settlementOf(attempt, delivery, { isOwnFault });
    await this.#settling.until(this.#ledger.settle(delivery, settlement, Date.now()));
    this.#tell.settled({ kind: settlement.kind });
    return settlement;
  }

  /** Does what an outcome has brought about for all that wait, which may take a while. */
  async followUp(): Promise<void> {
    const since = this.#reopenSince;
    if (since !== undefined) {
      await this.#settling.ended(SETTLE_MS);
      await this.#ledger.reopen(since, Date.now());
      if (this.#reopenSince === since) this.#reopenSince = undefined;
    }
    if (!this.#isOver) return;
    this.#isOver = false;
    await this.#ledger.wakeAll(Date.now());
  }

  #isOwnFault(verdict: Extract<Verdict, { kind: "refused" }>, delivery: Delivery): boolean {
    this.#refusedSince ??= Date.now();
    const content = createHash("sha256").update(JSON.stringify(delivery.traits)).digest("base64");
    const { attempts } = delivery;
    const meaning = this.#breaker.refuse(nameOf(delivery), verdict, content, performance.now(), attempts);
    this.#said.refused(verdict, meaning);
    if (meaning === "paused" && !this.#wereAboutAll) {
      this.#wereAboutAll = true;
      this.#reopenSince = this.#refusedSince;
    }
    return meaning === "alone";
  }
}
