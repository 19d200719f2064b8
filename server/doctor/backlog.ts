import type { Ledger } from "../ledger/contract/ledger.ts";
import { COUNTED_UP_TO } from "../ledger/contract/outbox.ts";
import { check } from "./check.ts";
import { notOpen } from "./database/kept.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** From this age on it is worth a warning, in seconds: the same as the exchange's own. */
const OLD_S = 60;
const ERRORS_SHOWN = 5;
/** So many rows are looked at for their channel, and so many channels are named. */
const LOOKED_AT = 200;
const CHANNELS_SHOWN = 3;

/** What waits for Vambe, since when, and what Vambe has said to it. */
export const backlog = check({
  name: "waiting",
  after: (patient) => patient.database(),
  look: async (_, { patient }) => {
    const { ledger } = await patient.database().catch(notOpen);
    const { channelId } = patient.holds;
    const counts = await ledger.outbox(COUNTED_UP_TO);
    const since = await ledger.oldestPending();
    const errors = await ledger.lastErrors(ERRORS_SHOWN);
    const missing = await ledger.missingFields();
    const inWords = errors.map(({ error, rows }) => `${error} (${rows})`).join("; ");
    const because = inWords === "" ? "" : `. The last errors: ${inWords}`;
    const findings: Finding[] = [pending(counts.pending, since, because)];
    if (counts.rejected > 0) {
      findings.push(
        warning(
          "rejected",
          `${countOf(counts.rejected)} for a person: Vambe has refused them for good${because}`,
          "mend what it says, then run vambe-identity outbox list --state rejected, and outbox retry <id>",
        ),
      );
    }
    if (missing.length > 0) {
      findings.push(
        warning(
          "custom fields",
          `Vambe has no custom field ${missing.map(({ key }) => key).join(", ")}; ${countOf(counts.withheld)} for it`,
          "make them in Vambe's dashboard, or take them out of VAMBE_FIELDS: what is held back follows by itself",
        ),
      );
    }
    return [...findings, ...(await ofOthers(ledger, channelId))];
  },
});

function pending(rows: number, since: number | undefined, because: string): Finding {
  if (since === undefined) return ok("waiting", "nothing waits to be sent");
  const seconds = Math.max(0, Math.floor((Date.now() - since) / 1000));
  const says = `${countOf(rows)} for their turn, the oldest since ${seconds} s`;
  if (seconds < OLD_S) return ok("waiting", says);
  return warning(
    "waiting",
    says + because,
    "see whether an exchange runs and reaches Vambe (GET /readyz says what it waits for)",
  );
}

/** Rows that no exchange with this channel carries. */
async function ofOthers(ledger: Pick<Ledger, "entries">, channelId: string | undefined): Promise<Finding[]> {
  if (channelId === undefined) return [];
  const waiting = await ledger.entries({ limit: LOOKED_AT });
  const others = waiting.filter((entry) => entry.channelId !== channelId);
  if (others.length === 0) return [];
  const channels = [...new Set(others.map((entry) => entry.channelId))].slice(0, CHANNELS_SHOWN);
  return [
    warning(
      "other channels",
      `${countOf(others.length)} of other channels than VAMBE_CHANNEL_ID: ${channels.join(", ")}`,
      "run an exchange with that channel too, or look for a mistake in VAMBE_CHANNEL_ID",
    ),
  ];
}

const countOf = (rows: number): string => {
  const number = rows < COUNTED_UP_TO ? `${rows}` : `${COUNTED_UP_TO} or more`;
  return rows === 1 ? "1 row waits" : `${number} rows wait`;
};
