import type { ContactTraits } from "./contact-traits.ts";
import type { Fingerprint } from "./data-key.ts";
import { isRefreshDue } from "./refresh.ts";
import {
  type Claim,
  type Delivery,
  PROVEN_AHEAD_MS,
  type Recorded,
  type Row,
  type Settlement,
} from "./row.ts";

/** The rules of the ledger, as functions of a row. Where the rows are kept is the business of the folders beside it. */

/**
 * What a claim makes of a row: the answer for the page and, where something changed, the row to write. Of an older proof
 * than the newest that the user has been seen with, nothing counts that the newest has not said.
 * @param now milliseconds since the epoch
 * @param refreshAfterMs how long what Vambe has confirmed counts
 */
export function record(
  row: Row | undefined,
  claim: Claim,
  fingerprint: Fingerprint,
  now: number,
  refreshAfterMs?: number,
): { recorded: Recorded; row?: Row } {
  if (!row) {
    return {
      recorded: { outcome: "changed", generation: 1 },
      row: {
        state: "pending",
        verified: claim.verified,
        generation: 1,
        pending: claim.traits,
        confirmed: {},
        attempts: 0,
        provenAt: claim.provenAt ?? 0,
      },
    };
  }
  // What was held is older than what its user says now.
  if (row.held) {
    const emptied: Row = { ...row, state: "idle", pending: {}, held: false };
    return record(emptied, claim, fingerprint, now, refreshAfterMs);
  }
  // What anyone can say must not touch what has been proven.
  if (row.verified && !claim.verified) {
    return { recorded: { outcome: "unchanged", withheld: [], overruled: true } };
  }
  const digests = fingerprint(claim.traits);
  const changed = Object.entries(claim.traits).flatMap(([trait, value]) => {
    const pending = row.pending[trait];
    const same = pending === undefined ? row.confirmed[trait] === digests[trait] : pending === value;
    return same ? [] : [trait];
  });
  const newest = newestProof(row, now);
  const isOutdated = changed.length > 0 && row.verified && (claim.provenAt ?? newest) < newest;
  const isAtRest = row.state === "idle" || row.state === "withheld";
  const isToBeRefreshed = isAtRest && !isOutdated && isRefreshDue(row, claim, refreshAfterMs);
  if ((changed.length > 0 && !isOutdated) || isToBeRefreshed) {
    const generation = row.generation + 1;
    return {
      recorded: { outcome: "changed", generation },
      row: {
        ...row,
        state: "pending",
        verified: claim.verified,
        generation,
        // What anyone could say must not leave in the company of what is proven either.
        pending: row.verified === claim.verified ? { ...row.pending, ...claim.traits } : claim.traits,
        attempts: 0,
        provenAt: Math.max(newest, claim.provenAt ?? 0),
      },
    };
  }
  if (row.state === "rejected") return { recorded: { outcome: "rejected" } };
  const outdated = isOutdated ? { outdated: changed } : {};
  // Once something new has come, no try of it has failed yet.
  if (row.state === "pending" && row.valuesRefused && row.attempts > 0) {
    return {
      recorded: { outcome: "unchanged", withheld: [], refused: Object.keys(row.pending), ...outdated },
    };
  }
  if (row.state === "pending") {
    return { recorded: { outcome: "waiting", generation: row.generation, ...outdated } };
  }
  return { recorded: { outcome: "unchanged", withheld: Object.keys(row.pending), ...outdated } };
}

/** When the newest proof is of that a row has been seen with. */
const newestProof = ({ provenAt }: Pick<Row, "provenAt">, now: number): number =>
  provenAt > now + PROVEN_AHEAD_MS ? 0 : provenAt;

/** Whether Vambe has confirmed all of a claim: of a row that is idle and as verified as the claim, all that there is to ask. */
export function isConfirmed(confirmed: ContactTraits, { traits }: Claim, fingerprint: Fingerprint): boolean {
  return Object.entries(fingerprint(traits)).every(([trait, digest]) => confirmed[trait] === digest);
}

/** A row that was forgotten and asked for anew counts from one again, so the values are looked at too. */
const isCurrent = (row: Row, delivery: Delivery): boolean =>
  row.generation === delivery.generation &&
  Object.entries(delivery.traits).every(([trait, value]) => row.pending[trait] === value);

/** What the end of a delivery makes of a row. A row that has changed since keeps what is newer. */
export function settle(row: Row, delivery: Delivery, settlement: Settlement, fingerprint: Fingerprint): Row {
  const current = isCurrent(row, delivery);
  switch (settlement.kind) {
    case "delivered": {
      const confirmed = { ...row.confirmed, ...fingerprint(settlement.sent) };
      const attempts = settlement.refused ? row.attempts + 1 : 0;
      if (!current) return { ...row, confirmed, attempts: 0 };
      const isLeft = ([trait]: [string, string]) =>
        settlement.sent[trait] === undefined && !settlement.dropped?.includes(trait);
      const left = Object.entries(row.pending).filter(isLeft);
      const pending = left.length > 0 ? { ...namedBy(row.pending), ...Object.fromEntries(left) } : {};
      const waits = settlement.retryAt === undefined ? "withheld" : "pending";
      return { ...row, state: left.length > 0 ? waits : "idle", pending, confirmed, attempts };
    }
    case "retry":
      return current ? { ...row, attempts: row.attempts + 1 } : row;
    case "rejected":
      return current ? { ...row, state: "rejected", attempts: row.attempts + 1 } : row;
  }
}

/** By what a contact on WhatsApp is known: without it nothing that is left could be sent. */
export const namedBy = ({ phone }: ContactTraits): ContactTraits => (phone === undefined ? {} : { phone });

/** Whether it confirms all that was known of the user, and not only what had been withheld. */
export const isOfAll = (settlement: Settlement): boolean =>
  settlement.kind === "delivered" && settlement.sent.verified !== undefined;

/** When the row is to be tried again, where the settlement says. What is newer does not wait for what has failed. */
export function retryTimeOf(row: Row, delivery: Delivery, settlement: Settlement): number | undefined {
  if (!isCurrent(row, delivery)) return undefined;
  if (settlement.kind === "retry") return settlement.at;
  return settlement.kind === "delivered" ? settlement.retryAt : undefined;
}
