import type { CallQueue, IdentifyOptions, User, VambeEvents, VambeIdentify } from "./types.ts";

/** Whether `window.VambeIdentify` is more than the stub. A second copy leaves the first in charge. */
export const isInstalled = (): boolean => !!window.VambeIdentify?.reset;

/**
 * Takes over `window.VambeIdentify` and makes the calls that the stub has kept, in their order. Not to be called
 * where somebody is in charge: a second copy leaves the first in charge.
 * @param first is called before those calls are made
 */
export function install(identify: VambeIdentify, first?: () => void): void {
  const stub: CallQueue | undefined = window.VambeIdentify;
  window.VambeIdentify = identify;
  first?.();
  for (const call of stub?.q ?? []) identify(...(call as [User, IdentifyOptions]));
  dispatchEvent(new CustomEvent("vambe:ready"));
}

/** Fires an event, in a microtask: so no handler runs between two calls of the queue. */
export function emit<Type extends keyof VambeEvents>(type: Type, detail?: VambeEvents[Type]["detail"]): void {
  queueMicrotask(() => dispatchEvent(new CustomEvent(type, { detail })));
}
