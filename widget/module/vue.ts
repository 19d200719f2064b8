import {
  type ComputedRef,
  computed,
  effectScope,
  getCurrentInstance,
  getCurrentScope,
  type MaybeRefOrGetter,
  onMounted,
  onScopeDispose,
  shallowRef,
  toValue,
  watch,
} from "vue";
import type { IdentifyError, Identity, User } from "../types.ts";
import { contentOf, followUser, type HookOptions } from "./follow-user.ts";
import { reset } from "./identify.ts";
import { ANONYMOUS, type IdentityState, inBrowser } from "./identity-state.ts";
import { subscribe } from "./subscribe.ts";

export type { HookOptions } from "./follow-user.ts";

/** The state as refs, and `reset`, which logs out. */
export interface VambeIdentityRefs {
  readonly status: ComputedRef<IdentityState["status"]>;
  /** Who is signed in, while `status` is `identified`. */
  readonly identity: ComputedRef<Identity | null>;
  /** Why it failed, or why the last attempt to renew or update failed. */
  readonly error: ComputedRef<IdentifyError | null>;
  readonly reset: () => void;
}

/**
 * Who is signed in. Identifies `user` (a value, a ref or a getter) when its content has changed. `null` logs out.
 * `undefined` (not known yet) changes nothing, so the composable only reads if it has no arguments. To unmount is not
 * to log out. Call it in `setup`, or in an effect scope, with which it ends.
 */
export function useVambeIdentity(
  user?: MaybeRefOrGetter<User | null | undefined>,
  options: HookOptions = {},
): VambeIdentityRefs {
  const state = shallowRef<IdentityState>(ANONYMOUS);
  const rendered = {
    get current() {
      return { user: toValue(user), options };
    },
  };
  const scope = getCurrentScope() ?? effectScope();
  const start = () =>
    scope.run(() => {
      const stop = subscribe((next) => {
        state.value = next;
      });
      onScopeDispose(stop);
      watch(
        () => contentOf(toValue(user)),
        () => followUser(rendered),
        { immediate: true },
      );
    });
  // The first render is the same as the server's, as hydration expects. It is corrected before the page is painted.
  if (getCurrentInstance()) onMounted(start);
  else if (inBrowser()) start();

  return {
    status: computed(() => state.value.status),
    identity: computed(() => state.value.identity),
    error: computed(() => state.value.error),
    reset,
  };
}
