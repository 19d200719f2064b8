import { z } from "zod/mini";
import { isSecureUrl } from "../guarded-fetch/secure-url.ts";

/** What several settings are made of. No message holds a value: a value may be a secret. */

export const text = z.string({ error: "must be a string" });

export const LIST = "must be a list of strings";

/** Takes a text as what `reader` makes of it, or refuses it for the mistake that it names. */
export const readAs = (
  from: z.ZodMiniType<string, string>,
  reader: (value: string) => string | { mistake: string },
) =>
  z.pipe(
    from,
    z.transform((value: string, { issues }): string => {
      const result = reader(value);
      if (typeof result === "string") return result;
      issues.push({ code: "custom", message: result.mistake, input: value });
      return z.NEVER;
    }),
  );

/** Refuses a text for the mistake that `mistakeIn` finds. */
export const without = (mistakeIn: (value: string) => string | undefined) =>
  z.superRefine((value: string, context) => {
    const mistake = mistakeIn(value);
    if (mistake !== undefined) context.addIssue(mistake);
  });

/** An absolute URL over https, or over http where it never leaves the machine. As it is written. */
export const exactUrl = (example: string) =>
  readAs(z.string({ error: `is required, such as ${example}` }), (value) => {
    const url = URL.parse(value);
    return !url || !isSecureUrl(url) || url.username || url.password || url.search || url.hash
      ? {
          mistake: `must be an https URL such as ${example} (http only for localhost), without a query or a password`,
        }
      : url.href;
  });

/** One that others are built upon: without a slash at the end. */
export const webUrl = (example: string) =>
  z.pipe(
    exactUrl(example),
    z.transform((url) => url.replace(/\/$/, "")),
  );

/** Secrets shared with somebody else, the newest first. @param least bytes of each */
export const secrets = (least: number) =>
  z._default(
    z.array(
      text.check(
        z.refine(
          (value) => Buffer.byteLength(value) >= least,
          `must be at least ${least} bytes each: make one with \`openssl rand -hex 32\``,
        ),
      ),
      { error: LIST },
    ),
    [],
  );

export const yesOrNo = z.boolean({ error: "must be true or false" });

/** A trait or the key of a custom field. */
const fieldKey = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

const KEYS = "must list custom field keys such as plan or account_id:account";

/** Trait → key of a custom field. */
export const fieldMap = z
  .record(z.string().check(z.regex(fieldKey)), z.string({ error: KEYS }).check(z.regex(fieldKey, KEYS)), {
    error: "must list traits such as plan or account_id:account",
  })
  .check(
    z.refine(
      (map) => new Set(Object.values(map)).size === Object.keys(map).length,
      "must not send two traits to one key",
    ),
  );

const PATHS = "must list traits and where they stand, such as id:user.id,name:user.fullName";

/** Trait → path in a JSON document. */
export const pathMap = z.record(z.string(), z.string({ error: PATHS }).check(z.minLength(1, PATHS)), {
  error: PATHS,
});
