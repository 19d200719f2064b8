import type { DeliveryStatus } from "./answers.ts";
import type { ProblemSlug } from "./problems.ts";

/**
 * What happens in an exchange, for whoever counts it or shows it. Nothing of it is a trait's value, a proof, a secret, a
 * user's id or an address, and every text in it is one of a few, but for `requestId` and `origin`.
 */
export interface Observer {
  answered?(answered: Answered): void;
  identified?(identified: Identified): void;
  called?(called: Called): void;
  settled?(settled: Settled): void;
}

/** Where no origin that is allowed says whose a request is. */
export const NO_ORIGIN = "none";
export const OTHER_ORIGIN = "other";
/** The route of whatever nothing is at. */
export const OTHER_ROUTE = "other";

/** The ways in which somebody is proven, as `proof/` names them; `none` where nothing proves the id. */
export const PROVEN_BY = ["jwt", "id_token", "session", "authenticate", "user_hash", "none"] as const;
export type ProvenBy = (typeof PROVEN_BY)[number];

/** What Vambe's answers mean, as `vambe/verdict.ts` names it. */
export const VERDICTS = ["confirmed", "refused", "unauthorized", "busy", "failed"] as const;
export type VerdictKind = (typeof VERDICTS)[number];

/** How an attempt can end for its row; `retry`: it waits for another. */
export const SETTLEMENTS = ["delivered", "rejected", "retry"] as const;
export type SettlementKind = (typeof SETTLEMENTS)[number];

/** A request, whatever it was. */
export interface Answered {
  method: "GET" | "HEAD" | "POST" | "OPTIONS" | "other";
  /** Below the exchange's own path: one of those that there are, `/problems/{slug}` for all of these, or `OTHER_ROUTE`. */
  route: string;
  status: number;
  /** Why it was refused: a slug of `problems.ts`, or an OAuth error's code (`POST /token`). */
  problem?: string | undefined;
  durationMs: number;
  /** The same as in the log line and in the page's error. */
  requestId: string;
  /** The page's, where it is allowed; else `NO_ORIGIN` or `OTHER_ORIGIN`. */
  origin: string;
}

/** Somebody was identified. Told before the request is `answered`. */
export interface Identified {
  /** The page's; of a client that is no page, the one that its token is for. An allowed one. */
  origin: string;
  provenBy: ProvenBy;
  verified: boolean;
  delivery: DeliveryStatus;
  /** Whether somebody acted for the user. */
  acting: boolean;
  requestId: string;
}

/** One call to Vambe has ended. */
export interface Called {
  verdict: VerdictKind;
  /** Vambe's; left out where the contact was taken, or nobody answered. */
  status?: number | undefined;
  durationMs: number;
}

/** A row was settled, by one call or several. */
export interface Settled {
  kind: SettlementKind;
}

/** What is read rather than told. Cheap: no database is asked. */
export interface Readings {
  /** Requests that have begun and are not answered. */
  inFlight: number;
  /** `undefined` while the database has not been opened. */
  deliveries:
    | {
        /** `undefined` where they are not paused. `forMs`: for how long yet, where that is known. */
        pause: { because: string; forMs?: number | undefined } | undefined;
        /** Calls a second that the pace allows, over all instances. */
        perSecond: number;
        /** Rows that this instance has in hand. */
        underWay: number;
        /** Page requests that wait for theirs. */
        waitingPages: number;
      }
    | undefined;
  caches: { claims: CacheReadings; tokens: CacheReadings } | undefined;
}

/** Since the start. */
export interface CacheReadings {
  hits: number;
  misses: number;
  /** About what is kept takes, in bytes. */
  bytes: number;
}

/** Whether proofs are brought there. */
export const isIdentify = (route: string): boolean => route === "/identify" || route === "/token";

/** Problems that say that somebody's proof did not hold, or that none came. */
export const isOfProof = (problem: string): problem is ProblemSlug =>
  problem.startsWith("proof-") || problem === "session-none" || problem === "issuer-unavailable";

/** All of an observer. */
export type Tell = Required<Observer>;

/** Several that hear the same. Nobody's failure reaches the exchange, or another: `failed` is told of the first. */
export function tellAll(observers: readonly Observer[], failed: (error: unknown) => void): Tell {
  let hasFailed = false;
  const each = (tell: (observer: Observer) => void) => {
    for (const observer of observers) {
      try {
        tell(observer);
      } catch (error) {
        if (!hasFailed) failed(error);
        hasFailed = true;
      }
    }
  };
  return {
    answered: (what) => each((observer) => observer.answered?.(what)),
    identified: (what) => each((observer) => observer.identified?.(what)),
    called: (what) => each((observer) => observer.called?.(what)),
    settled: (what) => each((observer) => observer.settled?.(what)),
  };
}
