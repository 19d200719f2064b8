import { setImmediate } from "node:timers/promises";
import type { Notice, Shared } from "../ledger/contract/shared.ts";
import type { Delivery } from "../ledger/row.ts";
import { nameOf, type UserKey } from "../ledger/user-key.ts";
import type { Log } from "../log.ts";
import type { Readings, Tell } from "../observer.ts";
import { sampleLog } from "../sampled-log.ts";
import type { Upsert } from "../vambe/contract.ts";
import type { UpsertClient } from "../vambe/upsert-client.ts";
import { watchBacklog } from "./backlog.ts";
import { Calls } from "./calls.ts";
import { CircuitBreaker, type Pause } from "./circuit-breaker.ts";
import type { DeliveryLedger } from "./delivery-ledger.ts";
import { DeliveryLog } from "./delivery-log.ts";
import { ExpectedDuration } from "./expected-duration.ts";
import { lanesOf } from "./lanes.ts";
import { MissingFieldProbes } from "./missing-fields.ts";
import { NextDelivery } from "./next-delivery.ts";
import { Organization } from "./organization.ts";
import { Outcomes } from "./outcomes.ts";
import { OwnPace, type Pace, SharedPace } from "./pace.ts";
import { receiptOf } from "./settlement.ts";
import { Sleep } from "./sleep.ts";
import { type Receipt, WaitingPages } from "./waiting-pages.ts";

/**
 * How long the loop sleeps where nothing is due, and how long after an error of the ledger's, in milliseconds.
 * What another process has made due, such as `outbox retry`, waits no longer than that.
 */
const IDLE_MS = 5000;
const AFTER_ERROR_MS = 1000;
/** While pages come and go it looks no more often than this whether somebody else is due, in milliseconds. */
const LOOK_MS = 50;
/** How often it looks, while some rows are held back, whether others are due, in milliseconds. */
const HELD_LOOK_MS = 500;
/** For this long, in milliseconds, another instance carries what it has recorded itself: a page waits for it there. */
const HEAD_START_MS = 2500;

export interface LoopParts {
  ledger: DeliveryLedger;
  vambe: UpsertClient;
  compose: (delivery: Delivery) => Upsert;
  /** Whether `VAMBE_FIELDS` lists a custom field, by its key. */
  lists: (fieldKey: string) => boolean;
  log: Log;
  tell: Pick<Tell, "called" | "settled">;
  maxRate: number;
  /** Whose pace it keeps, where it is not the only one that calls. */
  turns?: Pick<Shared, "takeTurns"> | undefined;
}

/** A delivery that this instance has in hand. */
interface Held {
  lease: number;
  ended: Promise<void>;
}

/**
 * Carries what the ledger holds to Vambe: at the set pace, pages that wait before the backlog, one delivery a
 * user at a time, until it is confirmed.
 */
export class DeliveryLoop {
  readonly #ledger: DeliveryLedger;
  readonly #log: Log;
  readonly #flushLog: () => void;
  readonly #outcomes: Outcomes;
  readonly #fields: MissingFieldProbes;
  readonly #next: NextDelivery;
  readonly #pace: Pace;
  readonly #sharesPace: boolean;
  readonly #calls: Calls;
  readonly #organization: Organization;
  readonly #breaker = new CircuitBreaker();
  readonly #expected = new ExpectedDuration();
  readonly #pages = new WaitingPages(this.#expected);
  readonly #underWay = new Map<string, Held>();
  readonly #sleep = new Sleep();
  /** Nobody was due a moment ago: not to be asked again before this time, by a clock that never jumps. */
  #lookAt = 0;
  #stopped = false;
  #endWatch: () => void = () => {};
  #headStart: NodeJS.Timeout | undefined;
  #loop: Promise<void> | undefined;

  constructor(parts: LoopParts) {
    this.#ledger = parts.ledger;
    this.#log = parts.log;
    const sampled = sampleLog(parts.log, 1);
    this.#flushLog = sampled.flush;
    this.#organization = new Organization(parts.ledger, sampled);
    this.#outcomes = new Outcomes(parts.ledger, this.#breaker, new DeliveryLog(sampled), parts.tell);
    this.#fields = new MissingFieldProbes(parts.ledger, sampled, parts.lists);
    this.#next = new NextDelivery(parts.ledger, this.#pages, this.#fields);
    const { shared } = parts.ledger;
    const { vambe, compose, turns = shared } = parts;
    this.#pace = turns ? new SharedPace(turns, parts.maxRate) : new OwnPace(parts.maxRate);
    this.#sharesPace = turns !== undefined;
    const [pace, organization, outcomes] = [this.#pace, this.#organization, this.#outcomes];
    this.#calls = new Calls({ vambe, compose, pace, organization, outcomes, shared });
  }

  start(): void {
    if (this.#loop) return;
    this.#endWatch = watchBacklog(this.#ledger, this.#log);
    this.#ledger.shared?.listen((notice) => this.#hear(notice));
    this.#loop = this.#run();
  }

  /** Takes nothing new on and resolves when what is under way has been settled. The rest stays in the ledger. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endWatch();
    this.#pages.tellAll({ status: "queued" });
    this.#sleep.wake();
    await this.#loop;
    await Promise.all([...this.#underWay.values()].map(({ ended }) => ended));
    this.#flushLog();
  }

  /**
   * Sends a row ahead of the backlog. Resolves when `generation` is delivered, or with `queued` where that takes longer.
   * @param isNew whether the page has brought something new: the others come after those
   */
  deliver(key: UserKey, generation: number, patienceMs: number, isNew = true): Promise<Receipt> {
    const receipt = this.#pages.wait(key, generation, this.#stopped ? 0 : patienceMs, isNew);
    this.#sleep.wake();
    return receipt;
  }

  /** Something has been recorded, for which nobody waits. */
  wake(): void {
    this.#sleep.wake();
  }

  /** Until when deliveries are paused, as far as is known, and why; `undefined` where they are not. */
  get pause(): Pause | { because: "organization" } | undefined {
    if (this.#organization.isAnother) return { because: "organization" };
    return this.#breaker.pause(performance.now());
  }

  get readings(): Omit<NonNullable<Readings["deliveries"]>, "perSecond"> {
    return { pause: this.pause, underWay: this.#underWay.size, waitingPages: this.#pages.size };
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#sleep.forget();
        const waitMs = await this.#takeSome();
        if (waitMs > 0) await this.#sleep.for(waitMs);
      } catch (error) {
        this.#log.error("ledger failed", { cause: error });
        await this.#sleep.for(AFTER_ERROR_MS);
      }
    }
  }

  /** Starts as many deliveries as may start together, or says how long there is nothing to start, in milliseconds. */
  async #takeSome(): Promise<number> {
    if (this.#organization.isAnother) {
      this.#pages.tellAll({ status: "queued" });
      return IDLE_MS;
    }
    const now = performance.now();
    const openFor = this.#breaker.openFor(now);
    if (openFor > 0) {
      this.#pages.tellAll({ status: "queued" });
      return openFor;
    }
    const lanes = lanesOf(this.#breaker, [...this.#underWay.keys()], now);
    if (lanes.room <= 0) return IDLE_MS;
    const heldFor = this.#breaker.heldFor(now);
    if (heldFor > 0) {
      const held = [...lanes.last].filter((name) => !this.#underWay.has(name));
      this.#pages.tellThese(held, { status: "queued" });
    }
    // A turn that is taken for nothing is one that the others lack.
    if (this.#sharesPace && this.#pages.empty) {
      const wait = this.#lookAt > now ? this.#lookAt - now : await this.#untilDue();
      if (wait > 0) return wait;
    }
    const pages = this.#pages.turns(lanes.room);
    const { calls, inMs } = await this.#pace.ready(pages > 0, Math.max(pages, 1));
    if (calls === 0) return inMs;

    const taken = await this.#next.take(calls, (name) => this.#underWay.has(name), lanes);
    if (taken === "again") return 0;
    for (const delivery of taken) {
      // A clock that jumps ends leases before their time: what is under way here is not begun twice all the same.
      const held = this.#underWay.get(nameOf(delivery));
      if (!held) await this.#begin(delivery);
      else {
        held.lease = delivery.lease;
        // Whatever brings it back again and again: others have their turn.
        await setImmediate();
      }
    }
    if (taken.length > 0) return 0;
    if (!lanes.mayTakeLast) return Math.min(heldFor || IDLE_MS, HELD_LOOK_MS);
    // What is due and not to be had is in the hands of another instance for a moment.
    return this.#pages.empty ? Math.max(await this.#untilDue(), this.#ledger.shared ? 50 : 1) : 0;
  }

  async #untilDue(): Promise<number> {
    const dueAt = (await this.#ledger.nextDueAt(Date.now())) ?? Infinity;
    const inMs = Math.min(dueAt, await this.#fields.nextProbeAt()) - Date.now();
    this.#lookAt = performance.now() + Math.min(inMs, LOOK_MS);
    return Math.min(Math.max(inMs, 0), IDLE_MS);
  }

  /** Resolves when the next may begin. */
  async #begin(delivery: Delivery): Promise<void> {
    const name = nameOf(delivery);
    const needsCall = Object.keys(this.#fields.listedIn(delivery)).length > 0;
    // The turn is taken with the row: a row that waited for one could keep a page from being served before it.
    if (needsCall) this.#pace.spend();
    const held: Held = { lease: delivery.lease, ended: Promise.resolve() };
    this.#underWay.set(name, held);
    held.ended = this.#carry(delivery, held)
      .catch((error) => {
        // The lease runs out and the row is carried again: Vambe may get it twice, but never not at all.
        this.#log.error("ledger failed", { cause: error });
        this.#pages.tell(delivery, { status: "queued" });
      })
      .finally(() => {
        this.#underWay.delete(name);
        this.#sleep.wake();
      });
    // Without a pace to keep, nothing else lets others have a turn.
    if (!needsCall) await setImmediate();
  }

  async #carry(delivery: Delivery, held: Held): Promise<void> {
    const began = performance.now();
    const attempt = await this.#fields.carry(delivery, this.#calls.of(delivery, held));
    const settlement = await this.#outcomes.settle(attempt, { ...delivery, lease: held.lease });
    // Where Vambe does not answer, nobody is told by how long that takes.
    if (settlement.kind !== "retry") this.#expected.took(performance.now() - began);
    this.#pages.tell(delivery, receiptOf(settlement, attempt), delivery.generation);
    await this.#outcomes.followUp();
  }

  #hear(notice: Notice): void {
    if (notice.kind === "recorded") {
      this.#headStart ??= setTimeout(() => {
        this.#headStart = undefined;
        this.#sleep.wake();
      }, HEAD_START_MS).unref();
      return;
    }
    if (notice.kind === "settled") {
      const { withheld, refused = [], rejected, generation } = notice;
      if (withheld) this.#pages.tell(notice, { status: "delivered", withheld, refused }, generation);
      else if (rejected) this.#pages.tell(notice, { status: "rejected" }, generation);
      else this.#pages.tell(notice, { status: "queued" });
      if (this.#pages.empty) return;
    }
    this.#sleep.wake();
  }
}
