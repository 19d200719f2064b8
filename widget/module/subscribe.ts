import { getState, type IdentityState, onChange } from "./identity-state.ts";

/**
 * Calls `listener` with the state now and after each change. The change may come from this module, the script tag or
 * another tab. Returns how to stop that. On a server it is called once, with nobody signed in.
 */
export function subscribe(listener: (state: IdentityState) => void): () => void {
  let told = getState();
  const tell = () => {
    const state = getState();
    if (state === told) return;
    told = state;
    listener(state);
  };
  listener(told);
  return onChange(tell);
}
