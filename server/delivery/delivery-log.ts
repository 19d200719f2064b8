import type { Log } from "../log.ts";
import { reasonOf, statusOf, type Verdict } from "../vambe/verdict.ts";
import type { Consequence } from "./circuit-breaker.ts";

type Unconfirmed = Exclude<Verdict, { kind: "confirmed" }>;
type Meaning = "suspected" | "alone" | "paused";

/** What is said of a failure, by what it means for the others. */
const EVENTS: Record<Unconfirmed["kind"] | "somebodyElse", Record<Meaning, string>> = {
  refused: {
    suspected:
      "a contact is refused that had waited before the start: it is tried again until Vambe has taken any",
    alone: "contact rejected by Vambe; it is kept, and sent again when the user's data changes",
    paused:
      "Vambe refuses one contact after the other and takes none: read what it says, and compare VAMBE_CHANNEL_ID, VAMBE_STAGE_ID and VAMBE_AGENT_ID with what there is at Vambe. Deliveries are paused, nothing is lost, and all go out by themselves once it takes one",
  },
  unauthorized: {
    suspected:
      "a contact was refused as if VAMBE_API_KEY were wrong: the next other contact shows whether it is the key, or something in front of Vambe, such as a web firewall, that does not like this contact's content",
    alone:
      "a contact is refused and others are taken with the same VAMBE_API_KEY: something in front of Vambe, such as a web firewall, does not like its content. It is tried less and less often; outbox list names it",
    paused: "Vambe refuses VAMBE_API_KEY: deliveries are paused, nothing is lost",
  },
  busy: {
    suspected: "Vambe asks to wait, or is out of quota for this key: the delivery is tried again",
    alone: "Vambe asks to wait for a contact, and takes others: outbox list names it",
    paused: "Vambe asks to wait, or is out of quota for this key: deliveries are paused",
  },
  failed: {
    suspected: "Vambe did not answer as it should: the delivery is tried again",
    alone:
      "Vambe does not answer for a contact as it should, and takes others. It is tried less and less often; outbox list names it",
    paused: "Vambe did not answer as it should for several contacts: deliveries are paused, nothing is lost",
  },
  somebodyElse: {
    suspected:
      "what answers does not look like Vambe's API: check VAMBE_API_URL, and the proxies on the way. The delivery is tried again",
    alone:
      "for a contact something else answers than Vambe's API, and others are taken: a web firewall or a proxy may not like its content. It is tried less and less often; outbox list names it",
    paused:
      "what answers does not look like Vambe's API: check VAMBE_API_URL, and the proxies on the way. Deliveries are paused, nothing is lost",
  },
};

const upstreamOf = (verdict: Unconfirmed): { upstream?: number } => {
  const upstream = statusOf(verdict);
  return upstream === undefined ? {} : { upstream };
};

/** What an operator should know of the deliveries. Who it is stands in `outbox list`, and never in the log. */
export class DeliveryLog {
  readonly #log: Log;

  /** @param log one that says the same only now and then */
  constructor(log: Log) {
    this.#log = log;
  }

  /** One call to Vambe has ended. A refusal may be about a part of what was sent: `refused` is told in the end. */
  called(verdict: Verdict, consequence: Consequence): void {
    if (verdict.kind === "refused") return;
    if (verdict.kind === "confirmed") {
      if (verdict.complaint === undefined) return;
      this.#log.error(
        "Vambe answered 2xx and speaks of a failure all the same: look the contact up at Vambe",
        {
          cause: verdict.complaint,
        },
      );
      return;
    }
    const kind = verdict.kind === "failed" && verdict.somebodyElse ? "somebodyElse" : verdict.kind;
    const meaning = consequence === "alone" || consequence === "paused" ? consequence : "suspected";
    const level = kind === "unauthorized" || kind === "somebodyElse" ? "error" : "warn";
    this.#log[level](EVENTS[kind][meaning], {
      ...upstreamOf(verdict),
      ...(kind === "somebodyElse" ? { setting: "VAMBE_API_URL" } : {}),
      cause: reasonOf(verdict),
    });
  }

  /** Vambe refuses a contact, whatever is left out of it. */
  refused(verdict: Extract<Verdict, { kind: "refused" }>, meaning: Meaning): void {
    this.#log[meaning === "suspected" ? "warn" : "error"](EVENTS.refused[meaning], {
      ...upstreamOf(verdict),
      cause: reasonOf(verdict),
    });
  }
}
