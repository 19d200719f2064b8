import { version } from "#built-in";
import { aDayBefore } from "../enforcement/share-proven.ts";
import type { Ledger } from "../ledger/contract/ledger.ts";
import { COUNTED_UP_TO, WAITING_STATES } from "../ledger/contract/outbox.ts";
import type { SecretUse } from "../ledger/contract/secret-uses.ts";
import { kindOfDatabase } from "../ledger/open.ts";
import type { Log } from "../log.ts";
import type { Readings } from "../observer.ts";
import { standingOf } from "../proof/secret-standing.ts";
import type { Settings } from "../settings/check-settings.ts";
import { readKeys, stateOf } from "../token/kept-keys.ts";
import { signingKeyOf } from "../token/signing-key.ts";
import { proofsIn } from "./proofs.ts";
import type { Recent } from "./recent.ts";
import type { AdminState, Deliveries, LedgerState, SecretState, SigningKeyState } from "./state.ts";

/** What can be looked at. */
export interface Watched {
  settings: Settings;
  /** When the process began: milliseconds since the epoch. */
  startedAt: number;
  /** `undefined` while it is not open. */
  ledger(): Ledger | undefined;
  readings(): Readings;
}

/** Rows shown of each state. */
const SHOWN = 10;

/** Looks at the exchange and its database. Rejects never: what cannot be read is shown as such. */
export async function look(watched: Watched, recent: Recent, log: Log): Promise<AdminState> {
  const { settings, startedAt } = watched;
  const at = Date.now();
  return {
    at,
    about: {
      version,
      startedAt,
      database: kindOfDatabase(settings.databaseUrl),
      publicUrl: settings.publicUrl,
      channelId: settings.channelId,
      acceptsUnproven: settings.allowUnverified,
    },
    minutes: recent.minutes,
    deliveries: deliveriesIn(watched.readings(), settings, at),
    ledger: await ledgerState(watched, at).catch((error): LedgerState => {
      log.error("the database cannot be read for the admin page", { cause: error });
      return { isRead: false };
    }),
    problems: recent.problems,
  };
}

function deliveriesIn({ deliveries }: Readings, { maxRate }: Settings, at: number): Deliveries {
  const perSecond = deliveries?.perSecond ?? maxRate;
  const pause = deliveries?.pause;
  if (!pause) return { perSecond, paused: false };
  const { because, forMs } = pause;
  return { perSecond, paused: true, because, ...(forMs ? { until: at + forMs } : {}) };
}

async function ledgerState({ ledger: find, settings }: Watched, at: number): Promise<LedgerState> {
  const ledger = find();
  if (!ledger) return { isRead: false };
  const [counts, oldestPending, missing, uses, proofs, keys, ...waiting] = await Promise.all([
    ledger.outbox(COUNTED_UP_TO),
    ledger.oldestPending(),
    ledger.missingFields(),
    ledger.secretUses(),
    ledger.identifyCounts(aDayBefore(at)),
    keysIn(ledger, settings, at),
    ...WAITING_STATES.map((state) => ledger.entries({ state, limit: SHOWN })),
  ]);
  return {
    isRead: true,
    counts,
    countedUpTo: COUNTED_UP_TO,
    ...(oldestPending !== undefined && { oldestPending }),
    waiting: waiting.flat().sort((a, b) => a.since - b.since),
    missing: missing.map(({ key }) => ({ key })),
    proofs: proofsIn(proofs),
    keys,
    secrets: secretsIn(uses, settings.identitySecrets, at),
  };
}

async function keysIn(ledger: Ledger, { signingKey }: Settings, now: number): Promise<SigningKeyState[]> {
  if (signingKey !== undefined)
    return [{ kid: (await signingKeyOf(JSON.parse(signingKey))).kid, state: "signing" }];
  return (await readKeys(ledger)).reverse().map((key) => ({
    kid: key.kid,
    state: stateOf(key, now),
    ...(key.publishedUntil !== undefined && { publishedUntil: key.publishedUntil }),
  }));
}

function secretsIn(uses: readonly SecretUse[], secrets: readonly string[], at: number): SecretState[] {
  const listed = standingOf(secrets, uses, at).map(({ id, standing }, index) => ({
    secret: id,
    place: index + 1,
    isSafeToRetire: standing === "safe to retire",
  }));
  const others = new Set(uses.map(({ secret }) => secret));
  for (const { secret } of listed) others.delete(secret);
  const unlisted = [...others].map((secret) => ({ secret, isSafeToRetire: false }));
  return [...listed, ...unlisted].map((one) => {
    const own = uses.filter(({ secret }) => secret === one.secret);
    return {
      ...one,
      proofs: own.reduce((sum, { proofs }) => sum + proofs, 0),
      ...(own.length > 0 && { lastAt: Math.max(...own.map(({ lastAt }) => lastAt)) }),
    };
  });
}
