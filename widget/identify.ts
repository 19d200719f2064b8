import { attempt } from "./attempt.ts";
import type { Call } from "./call.ts";
import type { Site } from "./exchange.ts";
import { readUser } from "./given-user.ts";
import { identifyError } from "./identify-error.ts";
import { emit } from "./install.ts";
import { createAlarm } from "./lib/alarm.ts";
import { handed } from "./lib/handed.ts";
import { onElsewhere, recall, remember } from "./lib/memory.ts";
import type { State } from "./state.ts";
import type { IdentifyError, IdentifyOptions, Identity, User, VambeIdentify } from "./types.ts";

const MINUTE = 60_000;

/** How often to ask whether a queued contact has arrived at Vambe: after 5, 15 and 45 seconds. */
const LOOKS = 3;

const isFresh = (identity: Identity | undefined) => identity && identity.expiresAt - Date.now() > MINUTE;

/** Makes `VambeIdentify`, and `retry`, which makes the last call again if it failed. */
export function createIdentify(
  site: Site,
  show: (state: State) => void,
): [identify: VambeIdentify, retry: () => void] {
  let latest: Call | undefined;
  let current: Identity | null = null;

  const tell: typeof emit = (type, detail) => {
    emit(type, detail);
    if (detail) site.onNews();
  };

  const wakeAt = createAlarm(() => {
    if (!latest) return;
    // The answer that this tab may still be telling other tabs is old.
    latest.stop.abort();
    const looking = !latest.getProof || isFresh(latest.identity);
    // A renewal needs a new proof.
    if (!looking) latest.held = undefined;
    settle(latest, looking);
  });

  function retire() {
    wakeAt();
    const retired = latest;
    latest = undefined;
    // Last, since microtasks may run in here: by then the call must not count any more.
    retired?.stop.abort(identifyError("superseded", "A newer call or log-out came."));
  }

  function clear() {
    retire();
    current = null;
    show({ kind: "hidden", said: true });
  }

  /** @param looking whether this only asks, with the same proof, if a queued contact has arrived */
  function settle(call: Call, looking?: boolean): Promise<Identity> {
    const stop = new AbortController();
    call.stop = stop;
    call.busy = true;
    wakeAt();
    const succeed = (identity: Identity) => {
      stop.signal.throwIfAborted();
      current = call.identity = identity;
      call.busy = false;
      call.failures = 0;
      remember(call.id);
      show({ kind: "known", call });
      plan(call, identity);
      if (!looking || identity.status !== "queued") tell("vambe:identified", identity);
      return identity;
    };
    const fail = (error: IdentifyError) => {
      if (call !== latest) throw error;
      const { identity } = call;
      call.busy = false;
      call.error = error;
      if (looking && identity) {
        // The page did not ask for this, and nothing is lost, so it is not told.
        // If the exchange refused, it would refuse again.
        if (error.status) call.looks = LOOKS;
        plan(call, identity);
        return identity;
      }
      if (identity) {
        // Only the renewal failed. The person is still known.
        wakeAt(Date.now() + MINUTE * ++call.failures * (0.5 + Math.random()));
      } else {
        if (!error.status) addEventListener("online", retry);
        show({ kind: "failed", call });
      }
      tell("vambe:error", error);
      throw error;
    };
    call.answer = handed(attempt(call, site, !looking).then(succeed, fail));
    return call.answer;
  }

  function plan(call: Call, { status, expiresAt }: Identity) {
    const now = Date.now();
    if (status === "queued" && call.looks < LOOKS) wakeAt(now + 5000 * 3 ** call.looks++);
    // Not sooner than in a minute: if the visitor's clock is fast, every token looks old.
    else if (call.getProof) wakeAt(Math.max(expiresAt - MINUTE, now + MINUTE));
  }

  /** @param before the id that is shown as known at once, so that a reload does not flicker */
  function start(call: Call, before = recall()): Promise<Identity> {
    call.held = call.proof;
    call.looks = call.failures = 0;
    show({ kind: before === call.id ? "known" : "working", call });
    return settle(call);
  }

  function leave(someone: unknown) {
    clear();
    if (someone) tell("vambe:reset");
  }

  function reset() {
    // A handler of vambe:reset may call reset again. If nobody is known, the event is not fired.
    const someone = latest || recall();
    remember(null);
    leave(someone);
  }

  function identify(user: User | null, options?: IdentifyOptions) {
    if (user === null) {
      reset();
      return Promise.resolve(null);
    }
    try {
      const given = readUser(user, options);
      if (latest?.key === given.key && (latest.busy || isFresh(latest.identity))) {
        latest.getProof = given.getProof ?? latest.getProof;
        return latest.answer;
      }
      retire();
      if (current?.id !== given.id) current = null;
      latest = given as Call;
      return start(latest);
    } catch (error) {
      clear();
      tell("vambe:error", error as IdentifyError);
      return handed(Promise.reject(error));
    }
  }

  onElsewhere((id) => {
    // A call under way is newer than another tab's answer. It is not newer than a log-out.
    if (latest && (!id || (!latest.busy && id !== latest.id))) leave(true);
  });

  function retry() {
    if (latest && !latest.busy && !latest.identity) start(latest, null);
  }

  Object.defineProperties(identify, {
    reset: { value: reset },
    current: { get: () => current },
    q: { value: { push: (call: [User, IdentifyOptions]) => void identify(...call) } },
  });
  return [identify as VambeIdentify, retry];
}
