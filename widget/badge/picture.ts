import type { IgnoredTrait } from "../../server/answers.ts";
import type { Call } from "../call.ts";
import type { State } from "../state.ts";

/** What a badge needs of the page's state: the part of a call that may be shown. */
export type Shown =
  | { kind: "hidden"; call?: never }
  | { kind: Exclude<State["kind"], "hidden">; call: Pick<Call, "id" | "traits" | "identity" | "error"> };

export interface Person {
  id: string;
  /** The name. Without a name, the email address. Without both, "". */
  name: string;
  plan: string;
  verified?: boolean | undefined;
  ignored?: IgnoredTrait[] | undefined;
}

/** What the badge shows: nobody, or a person and how far the identify has come. */
export type Picture =
  | { kind: "hidden"; person?: never }
  | { kind: "working" | "known" | "acting" | "queued" | "failed"; person: Person };

/** @param before what was shown until now: a verified person stays verified while a new call for them is under way */
export function pictureOf({ kind, call }: Shown, before?: Picture): Picture {
  if (!call) return { kind: "hidden" };
  const { id, traits, identity } = call;
  const { name, email, plan } = JSON.parse(traits);
  // What the page does not say, the proof may.
  const shown = identity ?? (before?.person?.id === id ? before.person : undefined);
  const { status, ignored, verified, actor } = identity ?? {
    verified: before?.person?.id === id && before.person.verified,
  };
  return {
    kind: kind === "known" ? (actor ? "acting" : status === "queued" ? status : kind) : kind,
    person: {
      id,
      name: `${name || shown?.name || email || ""}`,
      plan: `${plan ?? shown?.plan ?? ""}`,
      verified,
      ignored,
    },
  };
}
