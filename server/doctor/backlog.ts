import { COUNTED_UP_TO, type Outbox, type WaitingState } from "../ledger/contract/outbox.ts";
import { channelsOf } from "../settings/channels-of.ts";
import type { Settings } from "../settings/check-settings.ts";
import { check } from "./check.ts";
import { notOpen } from "./database/kept.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** From this age on it is worth a warning, in seconds: the same as the exchange's own. */
const OLD_S = 60;
const ERRORS_SHOWN = 3;
/** So many rows are looked at for their channel, and so many channels are named. */
const LOOKED_AT = 200;
const CHANNELS_SHOWN = 3;

/** What waits for Vambe, since when, and what Vambe has said to it. */
export const backlog = check({
  name: "waiting",
  after: (patient) => patient.database(),
  look: async (_, { patient }) => {
    const { ledger } = await patient.database().catch(notOpen);
    const counts = await ledger.outbox(COUNTED_UP_TO);
    const findings = [await pending(ledger, counts.pending)];
    if (counts.rejected > 0) {
      findings.push(
        warning(
          "rejected",
          `${rowsWait(counts.rejected)} for a person, refused by Vambe for good: ${await errorsOf(ledger, "rejected")}`,
          "mend what it says, then run vambe-identity outbox list --state rejected, and outbox retry <id>",
        ),
      );
    }
    const missing = (await ledger.missingFields()).map(({ key }) => key);
    if (missing.length > 0) {
      findings.push(
        warning(
          "custom fields",
          `Vambe has no custom field ${missing.join(", ")}; ${rowsWait(counts.withheld)} for it`,
          "make it in Vambe's dashboard, or take it out of VAMBE_FIELDS: what is held back follows by itself",
        ),
      );
    }
    return [...findings, ...(await ofOthers(ledger, patient.holds))];
  },
});

async function pending(ledger: Outbox, rows: number): Promise<Finding> {
  const since = await ledger.oldestPending();
  if (since === undefined) return ok("waiting", "nothing waits to be sent");
  const seconds = Math.max(0, Math.floor((Date.now() - since) / 1000));
  const says = `${rowsWait(rows)} for their turn, the oldest since ${seconds} s`;
  if (seconds < OLD_S) return ok("waiting", says);
  return warning(
    "waiting",
    `${says}; the last errors: ${await errorsOf(ledger, "pending")}`,
    "see whether an exchange runs and reaches Vambe (GET /readyz says what it waits for)",
  );
}

/** What the tries of the rows that have waited the longest have ended with, the most frequent first. */
async function errorsOf(ledger: Outbox, state: WaitingState): Promise<string> {
  const entries = await ledger.entries({ state, limit: LOOKED_AT });
  const counted = new Map<string, number>();
  for (const { lastError = "not tried yet" } of entries)
    counted.set(lastError, (counted.get(lastError) ?? 0) + 1);
  const mostFirst = [...counted].sort(([, one], [, other]) => other - one).slice(0, ERRORS_SHOWN);
  return mostFirst.map(([error, rows]) => `${error} (${rows})`).join("; ");
}

/** Rows that no exchange with this channel carries. */
async function ofOthers(ledger: Outbox, { channelId, whatsappPhone }: Partial<Settings>): Promise<Finding[]> {
  if (channelId === undefined) return [];
  const own = channelsOf({ channelId, whatsappPhone });
  const waiting = await ledger.entries({ limit: LOOKED_AT });
  const others = waiting.filter((entry) => !own.includes(entry.channelId));
  if (others.length === 0) return [];
  const channels = [...new Set(others.map((entry) => entry.channelId))].slice(0, CHANNELS_SHOWN);
  return [
    warning(
      "other channels",
      `${rowsWait(others.length)} of other channels than VAMBE_CHANNEL_ID and VAMBE_WHATSAPP_PHONE: ${channels.join(", ")}`,
      "run an exchange with that channel too, or look for a mistake in VAMBE_CHANNEL_ID or VAMBE_WHATSAPP_PHONE; vambe-identity outbox move brings them over",
    ),
  ];
}

const rowsWait = (rows: number): string =>
  rows === 1 ? "1 row waits" : `${rows < COUNTED_UP_TO ? rows : `${rows} or more`} rows wait`;
