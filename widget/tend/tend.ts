import type { Call } from "../call.ts";
import type { PartOptions } from "../part.ts";
import type { State } from "../state.ts";
import { createAlarm } from "./alarm.ts";

const MINUTE = 60_000;

/** How often to ask whether a queued contact has arrived at Vambe: after 5, 15 and 45 seconds. */
const LOOKS = 3;

/** A failure is followed by another try after about 5, 15, 45 seconds and so on, up to 20 minutes. */
const LONGEST_PAUSE = 5;

export type TendOptions = Pick<PartOptions<State>, "subscribe" | "retry" | "now">;

/**
 * Does by itself what has to be done later: gets a new proof and a new token before the old one expires, asks whether a
 * queued contact has arrived, and tries again what failed. It is fetched only where one of these is to be done.
 */
export function mount({ subscribe, retry, now }: TendOptions): void {
  let tended: Call | undefined;
  let looks = false;
  let tries = 0;
  const wakeIn = createAlarm(() => {
    // A renewal needs a new proof.
    if (tended?.getProof && !tended.error && !looks) tended.held = undefined;
    retry(looks);
  }, now);

  addEventListener("online", () => {
    if (tended?.error && !tended.error.status) wakeIn(0);
  });
  subscribe(({ call }) => {
    wakeIn();
    if (call !== tended) {
      tries = 0;
      looks = false;
    }
    tended = call;
    if (!call || call.stop) return;
    const { identity, getProof, until } = call;
    const renews = identity && getProof;
    // A look that failed has changed nothing.
    const error = looks ? undefined : call.error;
    // It asks with the same proof, and says nothing if nothing has changed.
    looks = !call.error?.status && identity?.status === "queued" && tries < LOOKS;
    if (looks) wakeIn(5000 * 3 ** tries++);
    else if (error && (renews || !error.status)) {
      wakeIn(5000 * 3 ** Math.min(tries++, LONGEST_PAUSE) * (0.5 + Math.random()));
    } else if (renews) {
      tries = 0;
      // Not sooner than in a minute, however short the token's life.
      wakeIn(Math.max(until - now() - MINUTE, MINUTE));
    }
  });
}
