import type { Picture, Shown } from "../../widget/badge/picture.ts";
import type { Identity } from "../../widget/types.ts";

/** What the page tells a badge that is to show this picture. */
export function shown({ kind, person }: Picture): Shown {
  if (!person) return { kind: "hidden" };
  const { id, name, plan, verified, ignored } = person;
  const status = kind === "queued" ? "queued" : "delivered";
  const actor = kind === "acting" ? { actor: { id: "support" } } : {};
  const identity = { id, status, verified, ignored, ...actor } as Identity;
  const call = { id, traits: JSON.stringify({ id, name, plan }) };
  if (kind === "working" || kind === "failed") return { kind, call };
  return { kind: "known", call: { ...call, identity } };
}
