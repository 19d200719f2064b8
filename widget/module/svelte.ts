import { onMount, untrack } from "svelte";
import { fromStore, type Readable, toStore, writable } from "svelte/store";
import type { User } from "../types.ts";
import { contentOf, followUser, type HookOptions } from "./follow-user.ts";
import { reset } from "./identify.ts";
import { ANONYMOUS, type IdentityState } from "./identity-state.ts";
import { subscribe } from "./subscribe.ts";

export type { HookOptions } from "./follow-user.ts";
export type { IdentityState } from "./identity-state.ts";

/** A store of the state, `$identity.status`; its `current` is the same for runes outside of a component's file. */
export interface VambeIdentityStore extends Readable<IdentityState> {
  /** The state. Reactive where it is read in an effect, a `$derived` or a template. */
  readonly current: IdentityState;
  /** Logs out. */
  readonly reset: () => void;
}

/**
 * Who is signed in. Identifies the user that `user` returns when the content has changed. `null` logs out.
 * `undefined` (not known yet) changes nothing, so the store only reads if it has no arguments. To unmount is not to
 * log out. Call it while a component is initialised: it ends with the component.
 */
export function useVambeIdentity(
  user: () => User | null | undefined = () => undefined,
  options: HookOptions = {},
): VambeIdentityStore {
  const state = writable<IdentityState>(ANONYMOUS);
  const content = toStore(() => contentOf(user()));
  const rendered = {
    get current() {
      return { user: user(), options };
    },
  };
  // The first render is the same as the server's, as hydration expects. It is corrected before the page is painted.
  onMount(() => {
    const stopReading = subscribe(state.set);
    const stopFollowing = content.subscribe(() => untrack(() => followUser(rendered)));
    return () => {
      stopFollowing();
      stopReading();
    };
  });
  const reactive = fromStore<IdentityState>({ subscribe: state.subscribe });
  return {
    subscribe: state.subscribe,
    get current() {
      return reactive.current;
    },
    reset,
  };
}
