import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { User } from "../types.ts";
import { contentOf, followUser, type HookOptions, type HookState, type Rendered } from "./hook.ts";
import { reset } from "./identify.ts";
import { ANONYMOUS, type IdentityState } from "./identity-state.ts";
import { subscribe } from "./subscribe.ts";

export type { HookOptions, HookState } from "./hook.ts";

/**
 * Who is signed in. Identifies `user` when what it says has changed; `null` logs out, `undefined` (not known yet)
 * leaves everything as it is, so that without arguments the hook only reads. Unmounting does not log out.
 */
export function useVambeIdentity(user?: User | null, options: HookOptions = {}): HookState {
  const rendered = useRef<Rendered>({ user, options });
  useEffect(() => {
    rendered.current = { user, options };
  });
  const content = contentOf(user);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another object that says the same is the same user.
  useEffect(() => followUser(rendered), [content]);

  // The first render is the server's, so that hydration finds what it expects; before it is painted, it is right.
  const [state, setState] = useState<IdentityState>(ANONYMOUS);
  useLayoutEffect(() => subscribe(setState), []);
  return useMemo(() => ({ ...state, reset }), [state]);
}
