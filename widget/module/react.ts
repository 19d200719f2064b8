"use client";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { User } from "../types.ts";
import { contentOf, followUser, type HookOptions, type HookState, type Rendered } from "./follow-user.ts";
import { reset } from "./identify.ts";
import { ANONYMOUS, getState, onChange } from "./identity-state.ts";

export type { HookOptions, HookState } from "./follow-user.ts";

const onServer = () => ANONYMOUS;

/**
 * Who is signed in. Identifies `user` when its content has changed. `null` logs out. `undefined` (not known yet)
 * changes nothing, so the hook only reads if it has no arguments. Unmounting does not log out.
 */
export function useVambeIdentity(user?: User | null, options: HookOptions = {}): HookState {
  const rendered = useRef<Rendered>({ user, options });
  useEffect(() => {
    rendered.current = { user, options };
  });
  const content = contentOf(user);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another object with the same content is the same user.
  useEffect(() => followUser(rendered), [content]);

  const state = useSyncExternalStore(onChange, getState, onServer);
  return useMemo(() => ({ ...state, reset }), [state]);
}
