import { z } from "zod";
import { isSecureUrl } from "../guarded-fetch/address.ts";

/** What several settings are made of. No message holds a value: a value may be a secret. */

/** An absolute URL over https, or over http where it never leaves the machine. As it is written. */
export const exactUrl = (example: string) =>
  z.string({ error: `is required, such as ${example}` }).transform((value, context) => {
    const url = URL.parse(value);
    if (!url || !isSecureUrl(url) || url.username || url.password || url.search || url.hash) {
      context.addIssue(
        `must be an https URL such as ${example} (http only for localhost), without a query or a password`,
      );
      return z.NEVER;
    }
    return url.href;
  });

/** One that others are built upon: without a slash at the end. */
export const webUrl = (example: string) => exactUrl(example).transform((url) => url.replace(/\/$/, ""));

/** Secrets shared with somebody else, the newest first. @param least bytes of each */
export const secrets = (least: number) =>
  z
    .array(
      z
        .string({ error: "must be a string" })
        .refine(
          (value) => Buffer.byteLength(value) >= least,
          `must be at least ${least} bytes each: make one with \`openssl rand -hex 32\``,
        ),
    )
    .default([]);

export const yesOrNo = z.boolean({ error: "must be true or false" }).default(false);

/** A trait or the key of a custom field. */
const fieldKey = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

/** Trait → key of a custom field. */
export const fieldMap = z
  .record(
    z.string().regex(fieldKey, "must list traits such as plan or account_id:account"),
    z.string().regex(fieldKey, "must list custom field keys such as plan or account_id:account"),
  )
  .refine(
    (map) => new Set(Object.values(map)).size === Object.keys(map).length,
    "must not send two traits to one key",
  );

const PATHS = "must list traits and where they stand, such as id:user.id,name:user.fullName";

/** Trait → path in a JSON document. */
export const pathMap = z.record(z.string(), z.string().min(1, PATHS), { error: PATHS });
