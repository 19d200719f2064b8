import { createAlarm, never } from "./alarm.ts";
import { attempt, type Site } from "./attempt.ts";
import { type Claim, readClaim, sameClaim } from "./claim.ts";
import { identifyError } from "./identify-error.ts";
import { onElsewhere, recall, remember } from "./memory.ts";
import type { BadgeState } from "./state.ts";
import type { IdentifyError, IdentifyOptions, Identity, User, VambeEvents, VambeIdentify } from "./types.ts";

const MINUTE = 60_000;

/** The one call that counts, from the moment it is made until a newer one or a log-out retires it. */
interface Call extends Claim {
  answer: Promise<Identity>;
  busy: boolean;
  stop: AbortController;
  identity?: Identity;
  /** How often in a row the token could not be renewed. */
  failures: number;
}

export interface Surroundings {
  site: Site;
  show(state: BadgeState): void;
  /** Must not call handlers before it returns: they may identify or reset in turn. */
  emit<Type extends keyof VambeEvents>(type: Type, detail?: VambeEvents[Type]["detail"]): void;
}

/** Hands out a promise whose rejection the page is free to ignore. */
const handed = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {});
  return promise;
};

const superseded = () => identifyError("superseded", "A newer call or a log-out came in between.");

/** `VambeIdentify`, and `retry`, which makes the last call again if it failed. */
export function createIdentify({ site, show, emit }: Surroundings): {
  identify: VambeIdentify;
  retry(): void;
} {
  let latest: Call | undefined;
  let current: Identity | null = null;

  const renewAt = createAlarm(() => {
    if (latest) latest.answer = handed(settle(latest));
  });

  function retire() {
    const retired = latest;
    latest = undefined;
    renewAt(never);
    retired?.stop.abort(superseded());
  }

  function clear() {
    retire();
    current = null;
    show({ kind: "hidden" });
  }

  async function settle(call: Call): Promise<Identity> {
    call.busy = true;
    call.stop = new AbortController();
    try {
      // The page's own proof serves the first time; a renewal needs a new one.
      const claim = call.identity ? { ...call, proof: undefined } : call;
      const identity = await attempt(claim, site, call.stop);
      if (call !== latest) throw superseded();
      succeed(call, identity);
      return identity;
    } catch (error) {
      if (call === latest) fail(call, error as IdentifyError);
      throw error;
    } finally {
      call.busy = false;
    }
  }

  function succeed(call: Call, identity: Identity) {
    const { id, verified, status, ignored, expiresAt } = identity;
    current = call.identity = identity;
    call.failures = 0;
    call.person = { ...call.person, verified, ignored };
    remember({ id, verified });
    show({ kind: status === "queued" ? "queued" : "known", person: call.person });
    // Never sooner than in a minute: a visitor's clock that is fast makes every token look old.
    if (call.getProof) renewAt(Math.max(expiresAt - MINUTE, Date.now() + MINUTE));
    emit("vambe:identified", identity);
  }

  function fail(call: Call, error: IdentifyError) {
    if (call.identity) {
      // Only the renewal failed. The person is still who they are.
      renewAt(Date.now() + Math.min(MINUTE * 2 ** call.failures++, 10 * MINUTE) * (0.5 + Math.random()));
    } else {
      show({ kind: "failed", person: call.person });
    }
    emit("vambe:error", error);
  }

  /** @param before who is shown as known at once, so that a reload does not flicker */
  function start(call: Call, before = recall()): Promise<Identity> {
    const { person } = call;
    const known = before?.id === person.id;
    show({ kind: known ? "known" : "working", person: { ...person, verified: known && before.verified } });
    call.answer = handed(settle(call));
    return call.answer;
  }

  function leave() {
    clear();
    emit("vambe:reset");
  }

  function reset() {
    // A handler of vambe:reset may call reset again: where nobody is known, nothing happens.
    const someone = latest || recall();
    remember(null);
    if (someone) leave();
  }

  function identify(user: User | null, options?: IdentifyOptions) {
    if (user === null) {
      reset();
      return Promise.resolve(null);
    }
    let claim: Claim;
    try {
      claim = readClaim(user, options);
    } catch (error) {
      clear();
      emit("vambe:error", error as IdentifyError);
      return handed(Promise.reject(error));
    }
    if (latest && sameClaim(latest, claim) && (latest.busy || isFresh(latest.identity))) {
      latest.getProof = claim.getProof ?? latest.getProof;
      return latest.answer;
    }
    retire();
    if (current?.id !== claim.person.id) current = null;
    latest = { ...claim } as Call;
    return start(latest);
  }

  onElsewhere(() => {
    const id = recall()?.id;
    // A call under way is newer than another tab's answer, but not than a log-out.
    if (latest && (!id || (!latest.busy && id !== latest.person.id))) leave();
  });

  return {
    identify: Object.defineProperties(identify, {
      reset: { value: reset },
      current: { get: () => current },
    }) as VambeIdentify,
    retry() {
      if (latest && !latest.busy && !latest.identity) start(latest, null);
    },
  };
}

const isFresh = (identity: Identity | undefined) => !!identity && identity.expiresAt - Date.now() > MINUTE;
