import { HOUR_MS, type IdentifyCounts } from "../ledger/contract/identify-counts.ts";
import type { Secrets } from "../ledger/contract/secrets.ts";
import type { Log } from "../log.ts";
import { aDayBefore, type ShareProven, shareProven } from "./share-proven.ts";

const LOOK_EVERY_MS = 10 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** How many origins are named. */
const NAMED = 5;
/** Under this name it stands beside the secrets that instances share, when it was said last. */
const SAID_AT = "share-proven-said-at";

type Asked = Pick<IdentifyCounts, "identifyCounts"> & Pick<Secrets, "readSecret" | "replaceSecret">;

/**
 * Says once a day how much of what came was proven, and for the first time after an hour with identifies: for as long as ids
 * without a proof are accepted, so that an operator knows when that can end. Of several instances one says it.
 * @returns how to stop it
 */
export function sayShareProven(ledger: Asked, log: Log): () => void {
  // What the ledger has to complain about, others say.
  const look = () => void sayIfDue(ledger, log, Date.now()).catch(() => {});
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

/** @param now milliseconds since the epoch */
export async function sayIfDue(ledger: Asked, log: Log, now: number): Promise<void> {
  const before = await ledger.readSecret(SAID_AT);
  const saidAt = before === undefined ? undefined : Number(before);
  // One that lies ahead was said by a clock that has been put right since.
  if (saidAt !== undefined && saidAt <= now && now < saidAt + DAY_MS) return;
  const counts = await ledger.identifyCounts(aDayBefore(now));
  const share = shareProven(counts);
  const [first] = counts.filter(({ outcome }) => outcome === "identified");
  if (!first || (saidAt === undefined && now < first.hour + 2 * HOUR_MS)) return;
  if (!(await ledger.replaceSecret(SAID_AT, before, String(now)))) return;
  say(share, log, saidAt !== undefined);
}

/** @param isWholeDay whether it has been counted for 24 hours, at the least */
function say({ identifies, proven, percent, without }: ShareProven, log: Log, isWholeDay: boolean): void {
  const fields = { count: identifies, proven_percent: percent };
  if (proven < identifies) {
    const more = without.length > NAMED ? [`and ${without.length - NAMED} more`] : [];
    const origins = [...without.slice(0, NAMED), ...more].join(", ");
    log.warn(
      "identifies came without a proof in the last 24 hours (origins: pages that send none at all): VAMBE_ALLOW_UNVERIFIED can be switched off once all are proven",
      { ...fields, ...(origins && { origins }) },
    );
  } else if (isWholeDay) {
    log.info(
      "every identify of the last 24 hours was proven: VAMBE_ALLOW_UNVERIFIED can be switched off",
      fields,
    );
  } else {
    log.info(
      "every identify was proven until now: if that stays so for a day, VAMBE_ALLOW_UNVERIFIED can be switched off",
      fields,
    );
  }
}
