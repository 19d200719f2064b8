import { identifyError } from "../identify-error.ts";
import { handed } from "../lib/handed.ts";
import type { IdentifyError, IdentifyOptions, Identity, User } from "../types.ts";
import { engine } from "./engine.ts";
import { inBrowser, setUnderWay } from "./identity-state.ts";

/** The last user that this module was given. */
let last: { user: User; options: IdentifyOptions | undefined; answer: Promise<Identity> } | undefined;

export const lastUser = () => last?.user;

/**
 * Says who is signed in. `null` logs out.
 * @returns a promise of the identity. It rejects with an `IdentifyError`. On a server it rejects at once, with the
 * code `not-in-browser`. The page may ignore it.
 */
export function identify(user: User, options?: IdentifyOptions): Promise<Identity>;
export function identify(user: null): Promise<null>;
export function identify(user: User | null, options?: IdentifyOptions): Promise<Identity | null>;
export function identify(user: User | null, options?: IdentifyOptions): Promise<Identity | null> {
  if (user === null) {
    reset();
    return Promise.resolve(null);
  }
  if (!inBrowser()) return nowhere();
  const { identify: call, badge: own } = engine();
  const answer = call(user, options);
  last = { user, options, answer };
  if (!own) followFromOutside(answer);
  return answer;
}

/** Logs out: forgets the identity in this tab and every other, and stops what is under way. */
export function reset(): void {
  if (!inBrowser()) return;
  last = undefined;
  const { identify: call, badge: own } = engine();
  call.reset();
  if (!own) setUnderWay(false);
}

/**
 * Says whether the visitor has consented, where `configure({ consent: "required" })` asks for it. `false` logs out, in every
 * tab, and erases what was stored.
 */
export function consent(given: boolean): void {
  if (inBrowser()) engine().identify.consent(given);
}

/** Makes the last call again, if it failed. */
export function retry(): void {
  if (last) identify(last.user, last.options);
}

/** Another engine shows its progress only through the promise and the events. */
function followFromOutside(answer: Promise<Identity>) {
  setUnderWay(true);
  const end = (why?: IdentifyError) => {
    if (last?.answer === answer) setUnderWay(false, why?.code === "superseded" ? null : why);
  };
  answer.then(() => end(), end);
}

function nowhere(): Promise<never> {
  const detail = "identify works in a browser's page alone; this is a server or a worker.";
  return handed(Promise.reject(identifyError("not-in-browser", detail)));
}
