/**
 * What Vambe is to know of a user, flat, so that two of them merge and compare trait by trait: `name`, `email`,
 * `verified`, and `field:<key>` for each custom field.
 */
export type ContactTraits = Readonly<Record<string, string>>;

/** What the name of a custom field's trait begins with. */
export const FIELD = "field:";

/** `plan` → `field:plan` */
export const fieldTrait = (key: string): string => FIELD + key;

/** `field:plan` → `plan`; `undefined` for a trait that is no custom field. */
export const fieldKeyOf = (trait: string): string | undefined =>
  trait.startsWith(FIELD) ? trait.slice(FIELD.length) : undefined;

/** Keys of all custom fields in there. */
export const fieldKeysIn = (traits: ContactTraits): string[] =>
  Object.keys(traits).flatMap((trait) => fieldKeyOf(trait) ?? []);

/** All of it but these custom fields. */
export const withoutFields = (traits: ContactTraits, keys: ReadonlySet<string>): ContactTraits =>
  Object.fromEntries(Object.entries(traits).filter(([trait]) => !keys.has(fieldKeyOf(trait) ?? "")));

/** Of what was to be sent, the names of the traits that were not. */
export const leftOut = (traits: ContactTraits, sent: ContactTraits): string[] =>
  Object.keys(traits).filter((trait) => sent[trait] === undefined);
