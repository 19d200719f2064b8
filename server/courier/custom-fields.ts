import type { ContactTraits, Delivery, Ledger, MissingField } from "../ledger/ledger.ts";
import type { Log } from "../log.ts";
import type { Verdict } from "../vambe/client.ts";
import { backoff } from "./backoff.ts";

/** Between two looks at whether a missing field exists by now, in milliseconds. */
const PROBE = { base: 10_000, cap: 10 * 60_000 };
/** While one delivery finds out, no other tries. */
const PROBE_LEASE_MS = 30_000;

export interface Attempt {
  verdict: Verdict;
  /** What Vambe was sent in the call that the verdict is about. */
  sent: ContactTraits;
  /** Names of the traits that were left out, because their field does not exist. */
  withheld: string[];
}

/**
 * Vambe refuses a whole contact for one custom field that it does not know. So the contact goes without that
 * field, the field's value stays in the ledger, and now and then one delivery finds out whether the field
 * exists by now.
 */
export class CustomFields {
  readonly #ledger: Ledger;
  readonly #log: Log;

  constructor(ledger: Ledger, log: Log) {
    this.#ledger = ledger;
    this.#log = log;
  }

  /** Sends a delivery without the fields that are known to be missing; where Vambe refuses others, without those too. */
  async carry(delivery: Delivery, send: (part: Delivery) => Promise<Verdict>): Promise<Attempt> {
    const missing = await this.#missingIn(delivery.traits);
    const probes = missing.filter(({ probeAt }) => probeAt <= Date.now());
    for (const probe of probes)
      await this.#ledger.markMissing({ ...probe, probeAt: Date.now() + PROBE_LEASE_MS });

    const left = new Set(missing.filter((field) => !probes.includes(field)).map(({ key }) => key));
    const refused = new Set<string>();
    let sent = without(delivery.traits, left);
    let verdict: Verdict = { kind: "confirmed", contactId: undefined };
    if (Object.keys(sent).length > 0) verdict = await send({ ...delivery, traits: sent });
    while (verdict.kind === "refused" && fieldKeys(sent).length > 0) {
      // Where the answer names no field, the contact goes without any: better known without a plan than not known.
      const named = verdict.namedFields.length > 0 ? verdict.namedFields : fieldKeys(sent);
      for (const key of named) refused.add(key);
      sent = without(sent, refused);
      if (Object.keys(sent).length === 0) verdict = { kind: "confirmed", contactId: undefined };
      else verdict = await send({ ...delivery, traits: sent });
    }

    if (verdict.kind === "confirmed") {
      for (const key of refused) await this.#isMissing(key, missing);
      for (const { key } of probes) if (!refused.has(key)) await this.#existsByNow(key);
    }
    return {
      verdict,
      sent,
      withheld: Object.keys(delivery.traits).filter((trait) => sent[trait] === undefined),
    };
  }

  /** Takes out a row that is held back, where it is time to look. */
  async claimProbe(): Promise<Delivery | undefined> {
    return (await this.nextProbeAt()) <= Date.now() ? this.#ledger.claimWithheld(Date.now()) : undefined;
  }

  /** When to look next, or `Infinity` where nothing is held back. */
  async nextProbeAt(): Promise<number> {
    const missing = await this.#ledger.missingFields();
    if (missing.length === 0 || (await this.#ledger.outbox()).withheld === 0) return Number.POSITIVE_INFINITY;
    return Math.min(...missing.map(({ probeAt }) => probeAt));
  }

  async #missingIn(traits: ContactTraits): Promise<MissingField[]> {
    const keys = fieldKeys(traits);
    return keys.length === 0
      ? []
      : (await this.#ledger.missingFields()).filter(({ key }) => keys.includes(key));
  }

  async #isMissing(key: string, known: MissingField[]): Promise<void> {
    const attempts = (known.find((field) => field.key === key)?.attempts ?? 0) + 1;
    const wait = PROBE.base / 2 + backoff(attempts, PROBE);
    await this.#ledger.markMissing({ key, probeAt: Math.ceil(Date.now() + wait), attempts });
    this.#log.warn(
      "a custom field does not exist at Vambe: create it there, or take it out of VAMBE_FIELDS",
      {
        field: key,
      },
    );
  }

  async #existsByNow(key: string): Promise<void> {
    await this.#ledger.clearMissing(key, Date.now());
    this.#log.info("a custom field that was missing at Vambe exists by now", { field: key });
  }
}

const PREFIX = "field:";

const fieldKeys = (traits: ContactTraits): string[] =>
  Object.keys(traits).flatMap((trait) => (trait.startsWith(PREFIX) ? [trait.slice(PREFIX.length)] : []));

const without = (traits: ContactTraits, keys: ReadonlySet<string>): ContactTraits =>
  Object.fromEntries(
    Object.entries(traits).filter(
      ([trait]) => !trait.startsWith(PREFIX) || !keys.has(trait.slice(PREFIX.length)),
    ),
  );
