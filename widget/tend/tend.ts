import type { Call } from "../call.ts";
import type { PartOptions } from "../part.ts";
import type { State } from "../state.ts";
import { createAlarm } from "./alarm.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** What did not go well is done again after about 5, 15, 45 seconds and so on, up to 20 minutes. */
const LONGEST_PAUSE = 20 * MINUTE;

/**
 * Whether a queued contact has arrived at Vambe is asked likewise, up to every 4 minutes: after an outage ten thousand open
 * pages ask about forty times a second.
 */
const LONGEST_LOOK = 4 * MINUTE;

/** Statuses that say that the same proof will not do better the next time. */
const FINAL = /^4(?!29)/;

export type TendOptions = Pick<PartOptions<State>, "subscribe" | "retry" | "now">;

/**
 * Does by itself what has to be done later: gets a new proof and a new token before the old one expires, asks whether a
 * queued contact has arrived, and tries again what failed. It is fetched only where one of these is to be done.
 */
export function mount({ subscribe, retry, now }: TendOptions): void {
  let tended: Call | undefined;
  /** Whether the next thing to do, or the one under way, is such a question. */
  let looks = false;
  let lookedAt = 0;
  let tries = 0;

  const wakeIn = createAlarm(() => {
    // The tab has been hidden meanwhile.
    if (looks && document.hidden) return plan();
    if (looks) lookedAt = now();
    // A renewal needs a new proof.
    else if (tended?.getProof && !tended.error) tended.held = undefined;
    retry(looks);
  }, now);

  const wakeSoon = (longest: number) =>
    wakeIn(Math.min(5 * SECOND * 3 ** tries++, longest) * (0.5 + Math.random()));

  /** Whether it is not known that a contact has arrived, and asking is of use. */
  const waits = () => tended?.identity?.status === "queued" && !FINAL.test(`${tended.error?.status}`);

  function plan() {
    wakeIn();
    if (!tended || tended.stop) return;
    const { identity, getProof, until } = tended;
    const renews = identity && getProof;
    // A look that failed has changed nothing.
    const error = looks ? undefined : tended.error;
    // It asks with the same proof, and says nothing if nothing has changed. Nobody sees it in a hidden tab.
    looks = waits() && !document.hidden;
    if (looks) wakeSoon(LONGEST_LOOK);
    else if (error && (renews || !error.status)) wakeSoon(LONGEST_PAUSE);
    else if (renews) {
      tries = 0;
      // Not sooner than in a minute, however short the token's life.
      wakeIn(Math.max(until - now() - MINUTE, MINUTE));
    }
  }

  addEventListener("online", () => {
    if (tended?.error && !tended.error.status) wakeIn(0);
  });
  // Somebody looks at the tab again, and wants to see what is true now.
  addEventListener("visibilitychange", () => {
    if (document.hidden || !tended || tended.stop || !waits()) return;
    looks = true;
    wakeIn(Math.max(0, lookedAt + 5 * SECOND - now()));
  });
  subscribe(({ call }) => {
    if (call !== tended) {
      tries = 0;
      looks = false;
    }
    tended = call;
    plan();
  });
}
