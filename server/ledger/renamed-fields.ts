import { type ContactTraits, fieldTrait } from "./contact-traits.ts";
import type { Secrets } from "./contract/secrets.ts";

/** Under this name it stands beside the secrets that instances share: the key of a custom field → the trait that went there. */
const NAME = "fields";

type Mapping = Readonly<Record<string, string>>;

/**
 * What waits has the keys of the custom fields that it was to go to. So it is remembered which trait each key was for: where
 * the trait goes to another field by now, what waits goes there too.
 * @param fields trait → key, as it is now
 * @returns gives traits the keys that they have now
 */
export async function renamedFields(
  secrets: Secrets,
  fields: Mapping,
): Promise<(traits: ContactTraits) => ContactTraits> {
  const traitOf = await remember(secrets, fields);
  const now = new Set(Object.values(fields));
  const renamed = new Map(
    [...traitOf].flatMap(([key, trait]) => {
      const next = now.has(key) || !Object.hasOwn(fields, trait) ? undefined : fields[trait];
      return next === undefined ? [] : [[fieldTrait(key), fieldTrait(next)] as const];
    }),
  );
  if (renamed.size === 0) return (traits) => traits;
  return (traits) => {
    const entries = Object.entries(traits);
    if (!entries.some(([trait]) => renamed.has(trait))) return traits;
    // What has come under the new key already is newer.
    const old = entries.flatMap(([trait, value]) => {
      const next = renamed.get(trait);
      return next === undefined ? [] : [[next, value] as const];
    });
    return Object.fromEntries([...old, ...entries.filter(([trait]) => !renamed.has(trait))]);
  };
}

/** Each key that there ever was, with the trait that it was for last. */
async function remember(secrets: Secrets, fields: Mapping): Promise<Map<string, string>> {
  for (;;) {
    const found = await secrets.readSecret(NAME);
    const known = new Map<string, string>(found === undefined ? [] : JSON.parse(found));
    const next = new Map([...known, ...Object.entries(fields).map(([trait, key]) => [key, trait] as const)]);
    const text = JSON.stringify([...next]);
    if (text === found || (await secrets.replaceSecret(NAME, found, text))) return next;
  }
}
