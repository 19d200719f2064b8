import {
  type Delivery,
  type Ledger,
  LONGEST_WAIT_MS,
  type Settlement,
  type UserKey,
} from "../ledger/ledger.ts";
import type { Log } from "../log.ts";
import type { VambeClient, Verdict } from "../vambe/client.ts";
import type { Upsert } from "../vambe/contact.ts";
import { backoff } from "./backoff.ts";
import { type Attempt, CustomFields } from "./custom-fields.ts";
import { Gate } from "./gate.ts";
import { Pace } from "./pace.ts";
import { type Receipt, WaitingPages } from "./waiting-pages.ts";

/** Calls to Vambe that are under way at once, at the most. */
const CONCURRENCY = 16;
/** Between two tries of the same row. */
const RETRY = { base: 1000, cap: LONGEST_WAIT_MS / 2 };
/** How long the courier sleeps where nothing is due, and how long after an error of the ledger's, in milliseconds. */
const IDLE_MS = 60_000;
const AFTER_ERROR_MS = 1000;

/**
 * Carries what the ledger holds to Vambe: at the set pace, pages that wait before the backlog, one delivery a
 * user at a time, until it is confirmed.
 */
export class Courier {
  readonly #ledger: Ledger;
  readonly #vambe: VambeClient;
  readonly #compose: (delivery: Delivery) => Upsert;
  readonly #log: Log;
  readonly #fields: CustomFields;
  readonly #pace: Pace;
  readonly #gate = new Gate();
  readonly #pages = new WaitingPages();
  readonly #underWay = new Map<string, Promise<void>>();
  /** Set by whatever happens while the loop is not asleep, so that it does not fall asleep over it. */
  #woken = false;
  #endSleep: () => void = () => {};
  #stopped = false;
  #loop: Promise<void> | undefined;

  constructor(parts: {
    ledger: Ledger;
    vambe: VambeClient;
    compose: (delivery: Delivery) => Upsert;
    log: Log;
    maxRate: number;
  }) {
    this.#ledger = parts.ledger;
    this.#vambe = parts.vambe;
    this.#compose = parts.compose;
    this.#log = parts.log;
    this.#fields = new CustomFields(parts.ledger, parts.log);
    this.#pace = new Pace(parts.maxRate);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Takes nothing new on and resolves when what is under way has been settled. The rest stays in the ledger. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#pages.tellAll({ status: "queued" });
    this.#wake();
    await this.#loop;
    await Promise.all(this.#underWay.values());
  }

  /** Sends a row ahead of the backlog. Resolves when `generation` is delivered, or with `queued` where that takes longer. */
  deliver(key: UserKey, generation: number, patienceMs: number): Promise<Receipt> {
    const receipt = this.#pages.wait(key, generation, this.#stopped ? 0 : patienceMs);
    this.#wake();
    return receipt;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#woken = false;
        const waitMs = await this.#takeOne();
        if (waitMs > 0) await this.#sleep(waitMs);
      } catch (error) {
        this.#log.error("ledger failed", { cause: error });
        await this.#sleep(AFTER_ERROR_MS);
      }
    }
  }

  /** Starts one delivery, or says how long there is nothing to start, in milliseconds. */
  async #takeOne(): Promise<number> {
    const now = performance.now();
    const closedFor = this.#gate.closedFor(now);
    if (closedFor > 0) {
      this.#pages.tellAll({ status: "queued" });
      return closedFor;
    }
    if (this.#underWay.size >= (this.#gate.probing ? 1 : CONCURRENCY)) return IDLE_MS;
    const pause = this.#pace.waitFor(now);
    if (pause > 0) return pause;

    const page = this.#pages.nextTurn();
    if (page) {
      const delivery = await this.#ledger.claim(page, Date.now());
      if (delivery) this.#begin(delivery);
      else if (!this.#underWay.has(nameOf(page))) this.#pages.tell(page, { status: "queued" });
      return 0;
    }
    const delivery = (await this.#ledger.claimNext(Date.now())) ?? (await this.#fields.claimProbe());
    if (delivery) {
      this.#begin(delivery);
      return 0;
    }
    const dueAt = Math.min(
      (await this.#ledger.nextDueAt(Date.now())) ?? Infinity,
      await this.#fields.nextProbeAt(),
    );
    return this.#pages.empty ? Math.min(Math.max(dueAt - Date.now(), 1), IDLE_MS) : 0;
  }

  #begin(delivery: Delivery): void {
    const name = nameOf(delivery);
    // The turn is taken with the row: a row that waited for one could keep a page from being served before it.
    this.#pace.spend(performance.now());
    const carried = this.#carry(delivery)
      .catch((error) => {
        // The lease runs out and the row is carried again: Vambe may get it twice, but never not at all.
        this.#log.error("ledger failed", { cause: error });
        this.#pages.tell(delivery, { status: "queued" });
      })
      .finally(() => {
        this.#underWay.delete(name);
        this.#wake();
      });
    this.#underWay.set(name, carried);
  }

  async #carry(delivery: Delivery): Promise<void> {
    let hasTurn = true;
    const attempt = await this.#fields.carry(delivery, async (part) => {
      if (!hasTurn) await this.#turn();
      hasTurn = false;
      return this.#send(part);
    });
    const settlement = settlementOf(attempt, delivery);
    await this.#ledger.settle(delivery, settlement, Date.now());
    if (settlement.kind === "delivered") {
      this.#pages.tell(delivery, { status: "delivered", withheld: attempt.withheld }, delivery.generation);
    } else {
      if (settlement.kind === "rejected") {
        this.#log.error(
          "contact rejected by Vambe; it is kept, and sent again when the user's data changes",
          {
            cause: settlement.error,
          },
        );
      }
      this.#pages.tell(delivery, { status: "queued" });
    }
  }

  async #turn(): Promise<void> {
    for (let pause = this.#pace.waitFor(performance.now()); pause > 0; ) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = this.#pace.waitFor(performance.now());
    }
    this.#pace.spend(performance.now());
  }

  async #send(delivery: Delivery): Promise<Verdict> {
    const verdict = await this.#vambe.upsert(this.#compose(delivery));
    this.#note(verdict);
    if (this.#gate.report(verdict, performance.now())) await this.#ledger.wakeAll(Date.now());
    return verdict;
  }

  #note(verdict: Verdict): void {
    if (verdict.kind === "unauthorized") {
      this.#log.error("Vambe refuses VAMBE_API_KEY: deliveries are paused, nothing is lost", {
        upstream: verdict.status,
      });
    } else if (verdict.kind === "busy") {
      this.#log.warn("Vambe is out of quota for this key: deliveries are paused", {
        upstream: verdict.status,
      });
    } else if (verdict.kind === "failed") {
      this.#log.warn("Vambe did not answer as it should: the delivery is tried again", {
        cause: verdict.cause,
      });
    }
  }

  #wake(): void {
    this.#woken = true;
    this.#endSleep();
  }

  async #sleep(ms: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#endSleep = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#endSleep = () => {};
  }
}

function settlementOf({ verdict, sent, refused, retryAt }: Attempt, delivery: Delivery): Settlement {
  if (verdict.kind === "confirmed") {
    return { kind: "delivered", sent, contactId: verdict.contactId, refused, retryAt };
  }
  if (verdict.kind === "refused") return { kind: "rejected", error: `refused (${verdict.status})` };
  const wait = backoff(delivery.attempts + 1, RETRY);
  const asked = verdict.kind === "busy" ? (verdict.retryAfterMs ?? 0) : 0;
  return {
    kind: "retry",
    at: Math.ceil(Date.now() + Math.max(wait, asked)),
    error: verdict.kind === "failed" ? verdict.cause : `${verdict.kind} (${verdict.status})`,
  };
}

const nameOf = ({ channelId, userId }: UserKey) => `${channelId} ${userId}`;
