import type { Shared } from "../ledger/contract/shared.ts";
import type { Delivery } from "../ledger/row.ts";
import type { Upsert } from "../vambe/contract.ts";
import type { UpsertClient } from "../vambe/upsert-client.ts";
import type { Verdict } from "../vambe/verdict.ts";
import type { Organization } from "./organization.ts";
import type { Outcomes } from "./outcomes.ts";
import type { Pace } from "./pace.ts";

export interface CallParts {
  vambe: UpsertClient;
  compose: (delivery: Delivery) => Upsert;
  pace: Pace;
  organization: Organization;
  outcomes: Pick<Outcomes, "called">;
  shared: Shared | undefined;
}

/** The calls to Vambe that one delivery takes: one mostly, and more where some of its fields are refused. */
export class Calls {
  readonly #parts: CallParts;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  /**
   * How the parts of a delivery are sent. The first call's turn has been taken with the row.
   * @param held its lease, which is renewed for each further call
   */
  of(delivery: Delivery, held: { lease: number }): (part: Delivery) => Promise<Verdict> {
    let hasTurn = true;
    return async (part) => {
      if (!hasTurn && !(await this.#turnFor(delivery, held))) return { kind: "failed", cause: "lease lost" };
      hasTurn = false;
      return this.#send(part, delivery);
    };
  }

  /** A turn for one more call of a delivery. @returns whether the row is still this instance's */
  async #turnFor(delivery: Delivery, held: { lease: number }): Promise<boolean> {
    const { pace, shared } = this.#parts;
    await pace.further();
    if (!shared) return true;
    const lease = await shared.renew({ ...delivery, lease: held.lease });
    if (lease !== undefined) held.lease = lease;
    return lease !== undefined;
  }

  async #send(part: Delivery, whole: Delivery): Promise<Verdict> {
    const { vambe, compose, organization, outcomes } = this.#parts;
    const began = performance.now();
    const answer = await vambe.upsert(compose(part), compose(whole));
    const durationMs = performance.now() - began;
    const verdict = await organization.heed(answer);
    outcomes.called(verdict, whole, durationMs);
    return verdict;
  }
}
