import {
  afterNextRender,
  computed,
  DestroyRef,
  effect,
  InjectionToken,
  inject,
  NgZone,
  type Signal,
  signal,
  untracked,
} from "@angular/core";
import type { IdentifyError, Identity, User } from "../types.ts";
import { contentOf, followUser, type HookOptions } from "./follow-user.ts";
import { reset } from "./identify.ts";
import { ANONYMOUS, type IdentityState } from "./identity-state.ts";
import { subscribe } from "./subscribe.ts";

export type { HookOptions } from "./follow-user.ts";

/** The service, `inject(VambeIdentity)`. There is one in an app. What it does runs outside of Angular's zone. */
export interface VambeIdentity {
  readonly status: Signal<IdentityState["status"]>;
  /** Who is signed in, while `status` is `identified`. */
  readonly identity: Signal<Identity | null>;
  /** Why it failed, or why the last attempt to renew or update failed. */
  readonly error: Signal<IdentifyError | null>;
  /**
   * Identifies `user` (a signal, or a function that reads some) when its content has changed. `null` logs out.
   * `undefined` (not known yet) changes nothing. Call it in an injection context, such as a constructor: it ends with
   * the component or service, which does not log out.
   */
  follow(user: () => User | null | undefined, options?: HookOptions): void;
  /** Logs out. */
  reset(): void;
}

export const VambeIdentity = new InjectionToken<VambeIdentity>("VambeIdentity", {
  providedIn: "root",
  factory: createVambeIdentity,
});

function createVambeIdentity(): VambeIdentity {
  const zone = inject(NgZone);
  const destroyed = inject(DestroyRef);
  const state = signal<IdentityState>(ANONYMOUS);
  // The first render is the same as the server's, as hydration expects. It is corrected before the page is painted.
  afterNextRender(() => {
    const stop = zone.runOutsideAngular(() => subscribe((next) => state.set(next)));
    destroyed.onDestroy(stop);
  });

  return {
    status: computed(() => state().status),
    identity: computed(() => state().identity),
    error: computed(() => state().error),
    follow(user, options = {}) {
      const content = computed(() => contentOf(user()));
      const rendered = {
        get current() {
          return { user: user(), options };
        },
      };
      effect(() => {
        content();
        untracked(() => zone.runOutsideAngular(() => followUser(rendered)));
      });
    },
    reset: () => zone.runOutsideAngular(reset),
  };
}
