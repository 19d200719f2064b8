import type { IgnoredTrait } from "../server/protocol.ts";
import type { Call } from "./call.ts";

/** What may be shown of a user. Nothing in it is secret: no proof, no token. */
export interface Person {
  id: string;
  /** The name, or else the email address, or else "". */
  name: string;
  plan: string;
  verified?: boolean | undefined;
  ignored?: IgnoredTrait[];
}

/** What the badge shows: nobody, or a person and how far the identify has come. */
export type BadgeState =
  | { kind: "hidden"; person?: never; call?: never }
  /** `call` is for the inspector: it holds the proof, which must not be shown. */
  | { kind: "working" | "known" | "queued" | "failed"; person: Person; call?: Call };

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
      for (const listener of listeners) listener(next);
    },
    subscribe(listener) {
      listeners.push(listener);
      listener(value);
    },
  };
}
