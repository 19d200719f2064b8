import type { Call } from "./call.ts";

/**
 * How far the present identify has come. It may be `known` before there is an answer, if the same user was identified
 * on an earlier page. The call holds the proof, so it must not be shown. `said`: the page has said that nobody is there.
 */
export type State =
  | { kind: "hidden"; call?: never; said?: boolean }
  | { kind: "working" | "known" | "failed"; call: Call };

/** One value and those who want to hear of it. */
export interface Store<T> {
  set(value: T): void;
  /** Calls `listener` now and after every change. */
  subscribe(listener: (value: T) => void): void;
}

export function createStore<T>(value: T): Store<T> {
  const listeners: ((value: T) => void)[] = [];
  return {
    set(next) {
      value = next;
      // Each in a task of its own: a listener that throws is in nobody's way, least of all in that of a log-out.
      for (const listener of listeners) queueMicrotask(() => listener(next));
    },
    subscribe(listener) {
      listeners.push(listener);
      listener(value);
    },
  };
}
