import { selectTraits } from "../claim/choose-traits.ts";
import { claimsOf } from "../claim/claims-of.ts";
import type { Target } from "../claim/target.ts";
import { isObject } from "../is-object.ts";
import type { Claim } from "../ledger/row.ts";
import { type FieldError, Problem } from "../problems.ts";
import { readId, readTraits } from "../proof/proven-traits.ts";
import type { IgnoredReason } from "../protocol.ts";
import { OWN_TRAITS } from "./columns.ts";
import type { InputRow } from "./rows.ts";

/**
 * What a row comes to: the contacts to be sent, what of it is left out, and the traits that VAMBE_FIELDS does not list; or why
 * there are none.
 */
export type JudgedRow = { claims: Claim[]; leftOut: string[]; nowhere: string[] } | { refused: string };

export interface JudgeOptions {
  target: Target;
  /** Whether the contact is WhatsApp's alone, known by its phone. */
  onWhatsappOnly: boolean;
  /** Column → trait. */
  traitOf: ReadonlyMap<string, string>;
  /** What has another name than those is a custom field, as in JSON Lines; otherwise it is nothing. */
  takesOthers: boolean;
  /** Of when the file is: milliseconds since the epoch. A newer proof counts more. */
  asOf: number;
}

/** What is left out of a row that goes all the same. That a trait goes nowhere is said once. */
const LEFT_OUT: Partial<Record<IgnoredReason, string>> = {
  "not-an-email": "has no form of an email address",
  "not-a-phone": "is no phone number, or has no country code (VAMBE_PHONE_COUNTRY)",
  "not-valid": "is a list, an object or too long a text",
  "cannot-be-cleared": "is null, and can't be emptied at Vambe",
};

/** Judges a row by the rules that hold for a proof. */
export function judgeRow({ values, mistake }: InputRow, options: JudgeOptions): JudgedRow {
  if (mistake !== undefined) return { refused: mistake };
  const { target, onWhatsappOnly, asOf } = options;
  const { said, nowhere } = userIn(values, options);
  const { traits, ignored } = readTraits(said);
  try {
    const number = onWhatsappOnly ? target.readPhone?.(traits.phone ?? "") : undefined;
    if (onWhatsappOnly && number === undefined) return { refused: `phone ${LEFT_OUT["not-a-phone"]}` };
    const id = said.id === undefined && number !== undefined ? number : readId(said.id, "id", isWrong);
    const selection = selectTraits({ id, verified: true, traits, shown: traits }, target);
    const of = { userId: id, verified: true, provenAt: asOf };
    const { webchat, onWhatsapp } = claimsOf(selection, of, target);
    const whatsapp = onWhatsapp ? [onWhatsapp] : [];
    const ignoredOnes = [...ignored, ...selection.ignored];
    return {
      claims: onWhatsappOnly ? whatsapp : [webchat, ...whatsapp],
      nowhere: [
        ...nowhere,
        ...ignoredOnes.flatMap(({ trait, reason }) => (reason === "not-in-fields-setting" ? [trait] : [])),
      ],
      leftOut: ignoredOnes.flatMap(({ trait, reason }) => {
        const why = LEFT_OUT[reason];
        return why === undefined ? [] : [`${trait} ${why}`];
      }),
    };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { refused: error.errors.map(({ field, detail }) => `${field} ${detail}`).join("; ") };
  }
}

/**
 * The row as a user: `{ id, name, …, company, fields }`. `nowhere`: names that VAMBE_FIELDS does not list. There may be more of
 * them than a user has fields.
 */
function userIn(
  values: InputRow["values"],
  { target, traitOf, takesOthers }: Pick<JudgeOptions, "target" | "traitOf" | "takesOthers">,
): { said: Record<string, unknown>; nowhere: string[] } {
  const user: Record<string, unknown> = {};
  const company: Record<string, unknown> = {};
  const fields: Record<string, unknown> = {};
  const nowhere: string[] = [];
  const take = (trait: string, value: unknown) => {
    if (Object.hasOwn(target.fields, trait)) fields[trait] = value;
    else if (value !== null) nowhere.push(trait);
  };
  for (const [name, value] of Object.entries(values)) {
    const trait = traitOf.get(name) ?? (takesOthers ? name : undefined);
    if (trait === undefined) continue;
    if (trait.startsWith("company.")) company[trait.slice("company.".length)] = value;
    else if (OWN_TRAITS.includes(trait) || trait === "company") user[trait] = value;
    else if (trait === "fields" && isObject(value))
      for (const [field, one] of Object.entries(value)) take(field, one);
    else take(trait, value);
  }
  const hasCompany = Object.keys(company).length > 0;
  return {
    said: {
      ...user,
      ...(hasCompany && { company: { ...(isObject(user.company) && user.company), ...company } }),
      fields,
    },
    nowhere,
  };
}

const isWrong = (errors: FieldError[]) => new Problem("invalid-user", "The row has no valid id.", { errors });
