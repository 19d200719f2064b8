/** What the state says, and what it does not. Never run, only compiled. */
import { useVambeIdentity as useInPreact } from "vambe-identity/preact";
import { useVambeIdentity as useInReact } from "vambe-identity/react";
import { configure, type IdentityState, mountBadge, subscribe, type User } from "vambe-identity/widget";

export function right(element: Element): void {
  configure({ server: "/identity", credentials: "include" });
  const leave: () => void = subscribe((state) => {
    if (state.status === "identified") return state.identity.token;
    if (state.status === "failed") return state.error.detail;
    const nothing: null = state.identity ?? state.error;
    return nothing;
  });
  const remove: () => void = mountBadge({ placement: "top-right", lang: "es", theme: "dark" });
  mountBadge({ element, words: { retry: "Once more" }, signOut: true });
  mountBadge({ element: "#account" });
  leave();
  remove();
}

export function useRight(user: User | null | undefined): IdentityState[] {
  const { status, identity, error, reset } = useInReact(user, {
    getProof: () => "eyJ…",
    server: "/identity",
  });
  const id: string | undefined = status === "identified" ? identity.id : error?.code;
  reset();
  return [useInReact(), useInReact(null), useInPreact({ id: id ?? 1 }, { credentials: "omit" })];
}

export function wrong(state: IdentityState): void {
  // @ts-expect-error: there may be nobody
  state.identity.id;
  // @ts-expect-error: there is no such status
  state.status === "queued";
  // @ts-expect-error: the state is the widget's
  state.status = "anonymous";
  // @ts-expect-error: there is no such corner
  mountBadge({ placement: "middle" });
  // @ts-expect-error: a badge has a place
  mountBadge({ lang: "es" });
  // @ts-expect-error: a badge has one place
  mountBadge({ placement: "top-left", element: "#account" });
  // @ts-expect-error: the badge says no such thing
  mountBadge({ placement: "top-left", words: { greeting: "Hello" } });
  // @ts-expect-error: credentials are sent or not
  configure({ credentials: true });
}

export function useWrong(): void {
  // @ts-expect-error: the id is missing
  useInReact({ name: "Jane Doe" });
  // @ts-expect-error: a proof is text
  useInReact({ id: "a" }, { getProof: () => 42 });
  // @ts-expect-error: a user is not just an id
  useInPreact("a");
}
