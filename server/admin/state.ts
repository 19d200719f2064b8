import type { OutboxCounts, OutboxEntry } from "../ledger/contract/outbox.ts";
import type { ProblemSlug } from "../problems.ts";
import type { DeliveryStatus } from "../protocol.ts";

/**
 * What the page for people shows, as JSON. Times are milliseconds since the epoch. Ids of users are in it; a name, an email,
 * another value of a trait, a proof or a secret never is.
 */
export interface AdminState {
  /** When it was looked at. */
  at: number;
  about: About;
  /** What came in here, by the minute, oldest first. */
  minutes: Minute[];
  deliveries: Deliveries;
  ledger: LedgerState;
  /** Seen by this instance since its start, the last first. */
  problems: SeenProblem[];
}

export interface About {
  version: string;
  startedAt: number;
  database: string;
  publicUrl: string;
  channelId: string;
  /** Whether ids are accepted that nothing proves. */
  acceptsUnproven: boolean;
}

/** What became of the identifies of one minute. */
export type Minute = Record<DeliveryStatus | "refused", number>;

/** Whether Vambe is called; in a pause, why, and until when as far as that is known. */
export type Deliveries = { perSecond: number } & (
  | { paused: false }
  | { paused: true; because: string; until?: number }
);

/** What is read from the database, which all instances share. */
export type LedgerState =
  | { isRead: false }
  | {
      isRead: true;
      counts: OutboxCounts;
      /** How far the rows of a state are counted. */
      countedUpTo: number;
      oldestPending?: number;
      /** Those that have waited the longest, a few of each state. */
      waiting: OutboxEntry[];
      missing: { key: string }[];
      proofs: Proofs;
      keys: SigningKeyState[];
      secrets: SecretState[];
    };

/** How the identifies of the last 24 hours were proven. */
export interface Proofs {
  identifies: number;
  proven: number;
  /** Origins that users came from, and none of them with a proof. */
  without: string[];
  byOrigin: OriginProofs[];
}

export interface OriginProofs {
  origin: string;
  proven: number;
  unproven: number;
  refused: number;
  /** Kind of proof, `none`, or the problem that it was refused with → how many. */
  counts: Record<string, number>;
}

export interface SigningKeyState {
  kid: string;
  state: "signing" | "published" | "retired";
  publishedUntil?: number;
}

export interface SecretState {
  /** A short digest of the secret. */
  secret: string;
  /** Its place in `VAMBE_IDENTITY_SECRET`, from 1; left out where it is not in it. */
  place?: number;
  proofs: number;
  lastAt?: number;
  isSafeToRetire: boolean;
}

export interface SeenProblem {
  slug: ProblemSlug;
  count: number;
  lastAt: number;
  requestId: string;
  origin?: string;
}
