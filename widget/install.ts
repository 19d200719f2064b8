import type { CallQueue, IdentifyOptions, User, VambeEvents, VambeIdentify } from "./types.ts";

/** The queue of what stands in the page under our name: the stub, or who is in charge. A form may have that name too. */
const queue = (): CallQueue["q"] => {
  const found: unknown = window.VambeIdentify;
  return typeof found === "function" && Object.hasOwn(found, "q") ? (found as CallQueue).q : undefined;
};

/** Whether `window.VambeIdentify` is there, and not only the stub. A second copy leaves the first in charge. */
export const isInstalled = (): boolean => !Array.isArray(queue() ?? []);

/**
 * Takes over `window.VambeIdentify`, makes the calls that the stub has kept, in their order, and says that it is
 * ready.
 * @param first runs before those calls
 */
export function install(identify: VambeIdentify, first?: () => void): void {
  const calls = queue() as Iterable<Iterable<unknown>> | undefined;
  window.VambeIdentify = identify;
  first?.();
  for (const call of calls ?? []) identify(...(call as [User, IdentifyOptions]));
  dispatchEvent(new CustomEvent("vambe:ready"));
}

/**
 * Fires the event in a microtask. A handler may identify or reset in turn, and must not do so before the caller has
 * finished, nor between two calls of the queue.
 */
export function emit<Type extends keyof VambeEvents>(type: Type, detail?: VambeEvents[Type]["detail"]): void {
  queueMicrotask(() => dispatchEvent(new CustomEvent(type, { detail })));
}
