import type { z } from "zod/mini";
import { type Upsert, upsert } from "../vambe/contract.ts";
import type { ContactToUpsert } from "./contact.ts";
import { VambeError } from "./vambe-error.ts";

const SOURCE = { source: "vambe-identity" };

/** A contact as it is sent: phone numbers cleaned, `meta_data` always there. @throws {VambeError} `invalid` */
export function checkedContact(contact: ContactToUpsert): Upsert {
  const given = Object.entries(Object(contact)).filter(([, value]) => value !== undefined);
  const result = upsert.safeParse({ meta_data: SOURCE, ...Object.fromEntries(given) });
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => mistakesIn(issue, contact));
  const [first] = errors;
  throw new VambeError("invalid", `${first?.field ?? "contact"} ${first?.detail ?? "is not valid"}.`, {
    errors,
  });
}

function mistakesIn(issue: z.core.$ZodIssue, contact: unknown): { field: string; detail: string }[] {
  const field = issue.path.join(".") || "contact";
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      field: [...issue.path, key].join("."),
      detail: "is not a field of this channel",
    }));
  const value = issue.path.reduce<unknown>((inner, name) => Object(inner)[name], contact);
  return [{ field, detail: detailOf(issue, field, value) }];
}

function detailOf(issue: z.core.$ZodIssue, field: string, value: unknown): string {
  if (field === "channel") return 'must be "webchat", "whatsapp" or "web-whatsapp"';
  if (issue.code === "invalid_type")
    return value === undefined ? "is required" : `must be of the type ${issue.expected}`;
  if (issue.code === "too_small") return "must not be empty";
  if (issue.code === "invalid_format" && !issue.message.startsWith("must")) return "must be a UUID";
  return issue.message.startsWith("must") ? issue.message : "is not valid";
}
