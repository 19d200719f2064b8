import type { IdentifyOptions, User } from "../types.ts";
import { type Configuration, configure } from "./configure.ts";
import { identify, reset } from "./identify.ts";
import { type IdentityState, inBrowser } from "./identity-state.ts";

/** Where the exchange is, and how the site's backend is asked for a proof. */
export interface HookOptions extends Configuration {
  /** As with `identify`. It may be another function each time. */
  getProof?: IdentifyOptions["getProof"] | undefined;
}

/** The state, and `reset`, which logs out. */
export type HookState = IdentityState & { readonly reset: () => void };

/** What the component says now: its framework's client looks it up when it is wanted. */
export interface Rendered {
  user: User | null | undefined;
  options: HookOptions;
}

/** Does what the component asks for: identifies a user, logs out for `null`, waits for `undefined`. Nothing on a server. */
export function followUser(rendered: { readonly current: Rendered }): void {
  const { user, options } = rendered.current;
  if (user === undefined || !inBrowser()) return;
  configure(options);
  const { getProof } = options;
  if (user === null) reset();
  else identify(user, getProof && { getProof: () => (rendered.current.options.getProof ?? getProof)() });
}

/** The user as text. Users with the same content give the same text, in any order of their fields. */
export function contentOf(user: User | null | undefined): string {
  try {
    return JSON.stringify(user, inOrder) ?? "";
  } catch (reason) {
    return `${reason}`;
  }
}

const inOrder = (_: string, value: unknown) =>
  value && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;
