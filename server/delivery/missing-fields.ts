import { backoffWithFloor } from "../backoff.ts";
import {
  type ContactTraits,
  fieldKeysIn,
  fieldTrait,
  leftOut,
  withoutFields,
} from "../ledger/contact-traits.ts";
import type { MissingField } from "../ledger/contract/missing-fields.ts";
import type { Delivery } from "../ledger/row.ts";
import { nameOf } from "../ledger/user-key.ts";
import type { Log } from "../log.ts";
import { reasonOf, type Verdict } from "../vambe/verdict.ts";
import type { DeliveryLedger } from "./delivery-ledger.ts";
import { RefusedFields } from "./refused-fields.ts";

/** Between two looks at whether a missing field exists by now, in milliseconds. */
const PROBE = { base: 10_000, cap: 10 * 60_000 };
/** While one delivery finds out, no other tries. */
const PROBE_LEASE_MS = 30_000;

/** What has been looked up is believed for so long, in milliseconds: deliveries that are under way at once look together. */
const LOOK_MS = 50;

/** How long a row waits that alone was refused for its value, in milliseconds: longer each time. */
const ALONE = { base: 10_000, cap: 10 * 60_000 };

export interface Attempt {
  verdict: Verdict;
  /** What Vambe was sent in the call that the verdict is about. */
  sent: ContactTraits;
  /** Names of the traits that were left out, because Vambe does not take their field. */
  withheld: string[];
  /** Names of those of them whose value it is that Vambe does not take. */
  valuesRefused: string[];
  /** Names of the traits that are not to be sent any more. */
  dropped: string[];
  /** Why this very delivery was refused for a field; `undefined` where it was not. */
  refusal: string | undefined;
  /** When to try what was left out once more; `undefined` where that waits until the field exists. */
  retryAt: number | undefined;
}

/**
 * Vambe refuses a whole contact for one custom field that it does not know. So the contact goes without that
 * field, the field's value stays in the ledger, and now and then one delivery finds out whether the field
 * exists by now. Where it is the value that Vambe does not take (`refused-fields.ts`), only this row waits.
 */
export class MissingFieldProbes {
  readonly #ledger: DeliveryLedger;
  readonly #log: Log;
  readonly #refused: RefusedFields;
  readonly #lists: (key: string) => boolean;
  #looked: { at: number; fields: Promise<MissingField[]> } | undefined;
  /** Fields that only another channel's rows wait for, and the look that has shown it, by when that was due. */
  readonly #ofOthers = new Map<string, number>();

  /**
   * @param log one that says the same only now and then
   * @param lists whether a field is still to be sent: what waits of others is let go of
   */
  constructor(ledger: DeliveryLedger, log: Log, lists: (key: string) => boolean) {
    this.#ledger = ledger;
    this.#log = log;
    this.#lists = lists;
    this.#refused = new RefusedFields(ledger);
  }

  /** What is still to be sent of a delivery. */
  listedIn({ traits }: Delivery): ContactTraits {
    return withoutFields(traits, new Set(fieldKeysIn(traits).filter((key) => !this.#lists(key))));
  }

  /** Sends a delivery without the fields that are known to be missing; where Vambe refuses others, without those too. */
  async carry(whole: Delivery, send: (part: Delivery) => Promise<Verdict>): Promise<Attempt> {
    const delivery = { ...whole, traits: this.listedIn(whole) };
    const missing = await this.#missingIn(delivery.traits);
    const probes = missing.filter(isDue);
    for (const probe of probes) await this.#mark({ ...probe, probeAt: Date.now() + PROBE_LEASE_MS });

    const left = new Set(missing.filter((field) => !probes.includes(field)).map(({ key }) => key));
    /** Keys that were refused, and what Vambe said. */
    const refused = new Map<string, string>();
    let sent = withoutFields(delivery.traits, left);
    const sendWhatIsLeft = async (isSure: boolean): Promise<Verdict> =>
      Object.keys(sent).length > 0 || !isSure
        ? send({ ...delivery, traits: sent })
        : { kind: "confirmed", contactId: undefined };
    let verdict = await sendWhatIsLeft(true);
    while (verdict.kind === "refused" && fieldKeysIn(sent).length > 0) {
      // Where the answer names no field, the contact goes without any: better known without a plan than not known.
      const isNamed = verdict.namedFields.length > 0;
      const keys = isNamed ? verdict.namedFields : fieldKeysIn(sent);
      for (const key of keys) refused.set(key, reasonOf(verdict));
      sent = withoutFields(sent, new Set(keys));
      // Only the contact alone shows then whether it was the fields.
      verdict = await sendWhatIsLeft(isNamed);
    }

    const valuesRefused: string[] = [];
    if (verdict.kind === "confirmed") {
      for (const [key, cause] of refused) {
        const value = delivery.traits[fieldTrait(key)] ?? "";
        const before = missing.find((field) => field.key === key);
        if (before || (await this.#refused.isMissing(key, nameOf(delivery), value))) {
          await this.#isMissing(key, before, cause);
        } else {
          valuesRefused.push(fieldTrait(key));
          this.#log.warn(
            "Vambe does not take a contact's value of a custom field, and has taken others' before: the contact went without it, and outbox list names it",
            { field: key, cause },
          );
        }
      }
      for (const key of fieldKeysIn(sent)) await this.#refused.taken(key);
      for (const { key } of probes) if (!refused.has(key)) await this.#existsByNow(key);
    }
    const wait = backoffWithFloor(delivery.attempts + 1, ALONE);
    return {
      verdict,
      sent,
      withheld: leftOut(delivery.traits, sent),
      valuesRefused,
      dropped: leftOut(whole.traits, delivery.traits),
      refusal: [...refused.values()].at(-1),
      retryAt: valuesRefused.length > 0 ? Math.ceil(Date.now() + wait) : undefined,
    };
  }

  /** Takes a row that is held back, where it is time to look, or where its field is not to be sent any more. */
  async takeProbe(): Promise<Delivery | undefined> {
    const missing = (await this.#look()).filter((field) => this.#isOwn(field));
    for (const field of missing.filter((each) => isDue(each) || !this.#lists(each.key))) {
      const delivery = await this.#ledger.takeWithheld(field.key, Date.now());
      if (delivery) return delivery;
      await this.#waitsForNobody(field);
    }
    return undefined;
  }

  /** When to look next, or `Infinity` where nothing is held back. */
  async nextProbeAt(): Promise<number> {
    const missing = (await this.#look()).filter((field) => this.#isOwn(field));
    return Math.min(...missing.map(({ key, probeAt }) => (this.#lists(key) ? probeAt : 0)));
  }

  #isOwn({ key, probeAt }: MissingField): boolean {
    return this.#ofOthers.get(key) !== probeAt;
  }

  /** Whoever comes with it next finds out. What another channel's rows wait for is left to their exchange. */
  async #waitsForNobody({ key, probeAt }: MissingField): Promise<void> {
    const { rows } = await this.#ledger.ofOtherChannels(1);
    if (rows > 0) this.#ofOthers.set(key, probeAt);
    else await this.#clear(key);
  }

  async #missingIn(traits: ContactTraits): Promise<MissingField[]> {
    const keys = fieldKeysIn(traits);
    return keys.length === 0 ? [] : (await this.#look()).filter(({ key }) => keys.includes(key));
  }

  #look(): Promise<MissingField[]> {
    const now = performance.now();
    if (this.#looked && now - this.#looked.at < LOOK_MS) return this.#looked.fields;
    const looked = { at: now, fields: this.#ledger.missingFields() };
    this.#looked = looked;
    looked.fields.catch(() => {
      if (this.#looked === looked) this.#looked = undefined;
    });
    return looked.fields;
  }

  async #mark(field: MissingField): Promise<void> {
    await this.#ledger.markMissing(field);
    this.#looked = undefined;
  }

  async #clear(key: string): Promise<void> {
    await this.#ledger.clearMissing(key, Date.now());
    this.#looked = undefined;
  }

  async #isMissing(key: string, before: MissingField | undefined, cause: string): Promise<void> {
    const attempts = (before?.attempts ?? 0) + 1;
    const wait = backoffWithFloor(attempts, PROBE);
    await this.#mark({ key, probeAt: Math.ceil(Date.now() + wait), attempts });
    this.#log.warn(
      "a custom field does not exist at Vambe: create it there, or take it out of VAMBE_FIELDS",
      { field: key, cause },
    );
  }

  async #existsByNow(key: string): Promise<void> {
    await this.#clear(key);
    this.#log.info("a custom field that was missing at Vambe exists by now", { field: key });
  }
}

/** A time further ahead than any that is set here was set by a clock that has been put right since. */
const isDue = ({ probeAt }: MissingField) => probeAt <= Date.now() || probeAt > Date.now() + 2 * PROBE.cap;
