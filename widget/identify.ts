import { attempt } from "./attempt.ts";
import type { Call } from "./call.ts";
import type { Site } from "./exchange.ts";
import { type GivenUser, readUser } from "./given-user.ts";
import { identifyError } from "./identify-error.ts";
import { emit } from "./install.ts";
import { handed } from "./lib/handed.ts";
import { now } from "./lib/now.ts";
import { lastStatement, nextTime, noteLeft, state } from "./lib/statement.ts";
import type { State } from "./state.ts";
import type { IdentifyError, IdentifyOptions, Identity, User, VambeIdentify } from "./types.ts";

const MINUTE = 60_000;

/** How many tabs in a row may make each other leave their users. Two tabs with two users would else never rest. */
const TURNS = 2;

/** How much of the proofs is remembered, in characters: more than any page keeps of its past. */
const MEMORY = 99_999;

/**
 * Makes `VambeIdentify`, and `retry`, with which everything begins that happens by itself: first of all it gives way to
 * what other tabs have said since the page's call.
 */
export function createIdentify(
  site: Site,
  show: (state: State) => void,
): [identify: VambeIdentify, retry: (looking?: boolean) => void] {
  let latest: Call | undefined;
  let current: Identity | null = null;
  /** Who was identified on an earlier page, until this one knows better. */
  let remembered = lastStatement()[0];
  /** The proofs that the page has given, and those of them that it gave before a log-out. */
  let given = "";
  let spent = "";

  const superseded = () => identifyError("superseded", "A newer call came.");

  function retry(looking?: boolean) {
    follow();
    if (latest && !latest.stop) settle(latest, looking);
  }

  function retire() {
    const stop = latest?.stop;
    latest = undefined;
    // Last, since microtasks may run in here: by then the call must not count any more.
    stop?.abort(superseded());
  }

  function leave(someone: unknown) {
    current = remembered = null;
    retire();
    show({ kind: "hidden", said: true });
    if (someone) emit("vambe:reset");
  }

  /** Leaves the user if another tab has said something else since the page's call. */
  function follow(event?: Event) {
    if (!latest) return;
    lastStatement(event);
    const [id, at, turns] = lastStatement();
    if (id === latest.id || at < latest.at || turns > TURNS) return;
    noteLeft(turns);
    if (!id) spent = given;
    leave(latest);
  }

  function logOut() {
    const someone = latest || lastStatement()[0];
    state(null, nextTime());
    // A handler of vambe:reset may log out again. If nobody is known, the event is not fired.
    leave(someone);
  }

  /** @param looking whether this only asks, with the same proof, if a queued contact has arrived */
  function settle(call: Call, looking?: boolean): Promise<Identity> {
    const stop = new AbortController();
    call.stop = stop;
    const succeed = (identity: Identity) => {
      follow();
      stop.signal.throwIfAborted();
      if (call.at > lastStatement()[1]) state(call.id, call.at);
      current = call.identity = identity;
      call.error = undefined;
      end("known");
      if (!looking || identity.status !== "queued") emit("vambe:identified", identity);
      return identity;
    };
    const fail = (error: IdentifyError) => {
      if (stop !== latest?.stop) throw error;
      // The site's session, or its getProof, knows somebody else by now.
      if (error.code === "proof-other-user") {
        call.identity = undefined;
        if (current) emit("vambe:reset");
        current = null;
      }
      const { identity } = call;
      call.error = error;
      end(identity ? "known" : "failed");
      // The page did not ask for this, and nothing is lost, so it is not told.
      if (looking && identity) return identity;
      call.answer = undefined;
      emit("vambe:error", error);
      throw error;
    };
    const end = (kind: "known" | "failed") => {
      call.stop = undefined;
      remembered = null;
      show({ kind, call });
    };
    const answer = handed(attempt(call, site, stop).then(succeed, fail));
    call.answer = answer;
    // Shown as known at once, so that a reload does not flicker.
    show({ kind: call.identity || call.id === remembered ? "known" : "working", call });
    return answer;
  }

  function refuse(error: unknown): Promise<never> {
    emit("vambe:error", error as IdentifyError);
    return handed(Promise.reject(error));
  }

  function identify(user: User | "consent" | null, options?: IdentifyOptions) {
    // Where no consent is asked for, there is none to give.
    if (user === "consent" && options) return;
    if (user === "consent" || user === null) {
      spent = given;
      logOut();
      return Promise.resolve(null);
    }
    let next: GivenUser;
    try {
      next = readUser(user, options);
    } catch (reason) {
      if (latest) logOut();
      return refuse(identifyError("invalid-user", `${reason}`));
    }
    const { id, key, proof, getProof } = next;
    if (
      latest?.key === key &&
      // If only now it can be renewed, that is news.
      (latest.getProof || !getProof) &&
      latest.answer &&
      (latest.stop || latest.until - now() > MINUTE)
    ) {
      latest.getProof = getProof ?? latest.getProof;
      return latest.answer;
    }
    if (proof) {
      const quoted = ` ${proof} `;
      if (spent.includes(quoted)) return refuse(superseded());
      given = (given + quoted).slice(-MEMORY);
    }
    const before = latest?.id === id ? latest : undefined;
    if (current && !before) logOut();
    else retire();
    latest = { ...before, ...next, at: nextTime(), held: proof, error: undefined } as Call;
    return settle(latest);
  }

  for (const type of ["storage", "online", "pageshow", "visibilitychange"]) {
    addEventListener(type, (event) => {
      follow(event);
      // What failed without an answer may have failed for want of a network.
      if (type !== "storage" && latest?.error && !latest.identity && !latest.error.status) retry();
    });
  }

  Object.assign(identify, {
    reset: () => void identify(null),
    consent: (yes: IdentifyOptions) => void identify("consent", yes),
    q: { push: (call: [User, IdentifyOptions]) => void identify(...call) },
  });
  Object.defineProperty(identify, "current", { get: () => current });
  return [identify as unknown as VambeIdentify, retry];
}
