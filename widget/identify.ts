import { createAlarm, never } from "./alarm.ts";
import { attempt } from "./attempt.ts";
import type { Call } from "./call.ts";
import { type Claim, readClaim } from "./claim.ts";
import type { Site } from "./exchange.ts";
import { identifyError } from "./identify-error.ts";
import { onElsewhere, recall, remember } from "./memory.ts";
import type { BadgeState } from "./state.ts";
import type { IdentifyError, IdentifyOptions, Identity, User, VambeEvents, VambeIdentify } from "./types.ts";

const MINUTE = 60_000;

/** How often to look again whether a queued contact has arrived at Vambe: after 5, 15 and 45 seconds. */
const LOOKS = 3;

/** Must not call handlers before it returns: they may identify or reset in turn. */
export type Emit = <Type extends keyof VambeEvents>(type: Type, detail?: VambeEvents[Type]["detail"]) => void;

/** Hands out a promise whose rejection the page is free to ignore. */
const handed = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {});
  return promise;
};

/** `VambeIdentify`, and `retry`, which makes the last call again if it failed. */
export function createIdentify(
  site: Site,
  show: (state: BadgeState) => void,
  emit: Emit,
): [identify: VambeIdentify, retry: () => void] {
  let latest: Call | undefined;
  let current: Identity | null = null;

  const renewAt = createAlarm(() => {
    if (!latest) return;
    // A renewal needs a new proof.
    latest.held = undefined;
    const renewal = handed(settle(latest, false));
    if (!isFresh(latest.identity)) latest.answer = renewal;
  });

  const lookAt = createAlarm(() => {
    if (latest) handed(settle(latest, true));
  }, true);

  function rest() {
    renewAt(never);
    lookAt(never);
  }

  function retire() {
    const retired = latest;
    latest = undefined;
    rest();
    retired?.stop.abort(identifyError("superseded", "A newer call or log-out came in between."));
  }

  function clear() {
    retire();
    current = null;
    show({ kind: "hidden" });
  }

  /** @param looking asks again with the same proof, only to see whether a queued contact has arrived */
  async function settle(call: Call, looking: boolean): Promise<Identity> {
    rest();
    call.busy = true;
    call.stop = new AbortController();
    try {
      const identity = await attempt(call, site, call.stop, !looking);
      call.stop.signal.throwIfAborted();
      succeed(call, identity, looking);
      return identity;
    } catch (error) {
      if (call === latest) fail(call, error as IdentifyError, looking);
      throw error;
    } finally {
      call.busy = false;
    }
  }

  function succeed(call: Call, identity: Identity, looking: boolean) {
    const { id, verified, status, ignored } = identity;
    const queued = status === "queued";
    current = call.identity = identity;
    call.answer = Promise.resolve(identity);
    if (!looking) call.tries = 0;
    call.person = { ...call.person, verified, ignored };
    remember({ id, verified });
    show({ kind: queued ? "queued" : "known", person: call.person, call });
    plan(call, identity);
    if (!looking || !queued) emit("vambe:identified", identity);
  }

  function plan(call: Call, { status, expiresAt }: Identity) {
    const now = Date.now();
    // Never sooner than in a minute: a visitor's clock that is fast makes every token look old.
    if (call.getProof) renewAt(Math.max(expiresAt - MINUTE, now + MINUTE));
    if (status === "queued" && call.tries < LOOKS) lookAt(now + 5000 * 3 ** call.tries++);
  }

  function fail(call: Call, error: IdentifyError, looking: boolean) {
    const { identity } = call;
    call.error = error;
    if (looking && identity) {
      // Nobody asked for this one, and nothing is lost: silence. What was refused would be refused again.
      if (error.status) call.tries = LOOKS;
      plan(call, identity);
      return;
    }
    if (identity) {
      // Only the renewal failed. The person is still who they are.
      renewAt(Date.now() + MINUTE * 2 ** Math.min(call.tries++, 3) * (0.5 + Math.random()));
    } else {
      if (!error.status) addEventListener("online", retry, { once: true });
      show({ kind: "failed", person: call.person, call });
    }
    emit("vambe:error", error);
  }

  /** @param before who is shown as known at once, so that a reload does not flicker */
  function start(call: Call, before = recall()): Promise<Identity> {
    const { person } = call;
    const known = before?.id === person.id;
    show({
      kind: known ? "known" : "working",
      person: { ...person, verified: known && before.verified },
      call,
    });
    call.held = call.proof;
    call.tries = 0;
    call.answer = handed(settle(call, false));
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
    if (
      latest &&
      latest.traits === claim.traits &&
      latest.proof === claim.proof &&
      (latest.busy || isFresh(latest.identity))
    ) {
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

  function retry() {
    if (latest && !latest.busy && !latest.identity) start(latest, null);
  }

  Object.defineProperties(identify, { reset: { value: reset }, current: { get: () => current } });
  return [identify as VambeIdentify, retry];
}

const isFresh = (identity: Identity | undefined) => !!identity && identity.expiresAt - Date.now() > MINUTE;
