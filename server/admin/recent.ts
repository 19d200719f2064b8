import {
  type Answered,
  type Identified,
  isIdentify,
  NO_ORIGIN,
  type Observer,
  OTHER_ORIGIN,
} from "../observer.ts";
import { PROBLEMS, type ProblemSlug } from "../problems.ts";
import type { Minute, SeenProblem } from "./state.ts";

const MINUTE_MS = 60_000;
/** How many minutes are shown. */
export const MINUTES = 60;
/** Of how many requests it is still known what became of them. */
const MOST_REQUESTS = 2000;

/** What became of a request, for who has its id from a page's error or the log. */
export interface RecentRequest {
  requestId: string;
  /** When it was answered: milliseconds since the epoch. */
  at: number;
  method: string;
  route: string;
  status: number;
  durationMs: number;
  problem?: string;
  origin?: string;
  identified?: Pick<Identified, "provenBy" | "verified" | "delivery">;
}

/** What this instance has seen of late, in memory. */
export class Recent implements Observer {
  readonly #requests = new Map<string, RecentRequest>();
  readonly #problems = new Map<ProblemSlug, SeenProblem>();
  readonly #minutes = new Map<number, Minute>();
  /** What was identified and is about to be answered. */
  readonly #identified = new Map<string, Identified>();

  identified(identified: Identified): void {
    this.#minute()[identified.delivery]++;
    this.#identified.set(identified.requestId, identified);
  }

  answered({ requestId, method, route, status, durationMs, problem, origin }: Answered): void {
    const identified = this.#identified.get(requestId);
    this.#identified.delete(requestId);
    if (!isIdentify(route) && problem === undefined) return;
    const at = Date.now();
    const named = origin === NO_ORIGIN || origin === OTHER_ORIGIN ? {} : { origin };
    if (isIdentify(route) && problem !== undefined) this.#minute().refused++;
    if (problem !== undefined && isSlug(problem)) {
      const count = (this.#problems.get(problem)?.count ?? 0) + 1;
      this.#problems.delete(problem);
      this.#problems.set(problem, { slug: problem, count, lastAt: at, requestId, ...named });
    }
    this.#requests.set(requestId, {
      requestId,
      at,
      method,
      route,
      status,
      durationMs,
      ...named,
      ...(problem !== undefined && { problem }),
      ...(identified && {
        identified: {
          provenBy: identified.provenBy,
          verified: identified.verified,
          delivery: identified.delivery,
        },
      }),
    });
    if (this.#requests.size > MOST_REQUESTS) {
      const [oldest = ""] = this.#requests.keys();
      this.#requests.delete(oldest);
    }
  }

  request(id: string): RecentRequest | undefined {
    return this.#requests.get(id);
  }

  /** The last first. */
  get problems(): SeenProblem[] {
    return [...this.#problems.values()].reverse();
  }

  /** The last hour by the minute, oldest first; the present one is the last. */
  get minutes(): Minute[] {
    const now = minuteNow();
    return Array.from(
      { length: MINUTES },
      (_, index) => this.#minutes.get(now - MINUTES + 1 + index) ?? empty(),
    );
  }

  #minute(): Minute {
    const now = minuteNow();
    const known = this.#minutes.get(now);
    if (known) return known;
    for (const old of this.#minutes.keys()) if (Math.abs(now - old) >= MINUTES) this.#minutes.delete(old);
    const minute = empty();
    this.#minutes.set(now, minute);
    return minute;
  }
}

const minuteNow = () => Math.floor(Date.now() / MINUTE_MS);

const empty = (): Minute => ({ delivered: 0, unchanged: 0, queued: 0, rejected: 0, refused: 0 });

const isSlug = (problem: string): problem is ProblemSlug => Object.hasOwn(PROBLEMS, problem);
