/** Traits that a row may have by a name of its own, and the names that files have for them. */
const OWN = {
  id: ["id", "external_user_id", "user_id"],
  name: ["name", "contact_name"],
  email: ["email", "contact_email"],
  plan: ["plan"],
  phone: ["phone", "phone_number", "contact_phone_number"],
  "company.id": ["company.id"],
  "company.name": ["company.name"],
  "company.plan": ["company.plan"],
} as const;

export const OWN_TRAITS: readonly string[] = Object.keys(OWN);

/** In a file's own words what is wrong with it, and what to do. It never quotes a value. */
export class UnfitInput extends Error {}

export interface Columns {
  /** Column → the trait that it has. */
  traitOf: ReadonlyMap<string, string>;
  /** Columns that go nowhere. */
  unused: string[];
}

export interface ColumnOptions {
  /** Trait → column, where the operator says so. */
  map: Readonly<Record<string, string>>;
  /** The traits of `VAMBE_FIELDS`. */
  listed: readonly string[];
  /** Whose value names the contact; one of them has to be there. */
  required: readonly string[];
}

/**
 * Which column has which trait: as `map` says, or by its name, in capitals or not.
 * @throws {UnfitInput} where a column is missing or there twice
 */
export function columnsOf(names: readonly string[], { map, listed, required }: ColumnOptions): Columns {
  const twice = names.find((name, at) => name !== "" && names.indexOf(name) !== at);
  if (twice !== undefined) throw new UnfitInput(`has two columns "${twice}": rename one of them`);
  const missing = Object.entries(map).find(([, column]) => !names.includes(column));
  if (missing)
    throw new UnfitInput(`has no column "${missing[1]}" (--map ${missing.join("=")}). ${columnsAre(names)}`);
  const traitOf = mappedColumns(map, [...OWN_TRAITS, ...listed]);
  const taken = new Set(Object.keys(map));
  const take = (trait: string, candidates: readonly string[]) => {
    if (taken.has(trait)) return;
    const isFree = (name: string) => !traitOf.has(name);
    const column = candidates
      .map((candidate) => names.find((name) => isFree(name) && isSame(name, candidate)))
      .find((name) => name !== undefined);
    if (column === undefined) return;
    traitOf.set(column, trait);
    taken.add(trait);
  };
  // What VAMBE_FIELDS calls by a name is that, and no other name of something else.
  for (const trait of listed) take(trait, [trait]);
  for (const [trait, candidates] of Object.entries(OWN)) take(trait, candidates);
  if (!required.some((trait) => taken.has(trait))) {
    const wanted = required.map((trait) => candidatesOf(trait)).join(", or ");
    throw new UnfitInput(
      `has no column ${wanted}: name it by --map ${required[0]}=<column>. ${columnsAre(names)}`,
    );
  }
  const goesSomewhere = (trait: string) =>
    listed.includes(trait) || ["id", "name", "email", "phone"].includes(trait);
  const unused = names.filter((name) => !goesSomewhere(traitOf.get(name) ?? ""));
  return { traitOf, unused: unused.filter((name) => name !== "" && name !== "error") };
}

/**
 * Column → trait, as the operator says.
 * @param traits there are
 * @throws {UnfitInput} where a trait is none of those, or a column is named for two
 */
export function mappedColumns(
  map: Readonly<Record<string, string>>,
  traits: readonly string[],
): Map<string, string> {
  const traitOf = new Map<string, string>();
  for (const [trait, column] of Object.entries(map)) {
    if (!traits.includes(trait))
      throw new UnfitInput(
        `--map ${trait}=${column}: ${trait} is no trait. There are ${[...new Set(traits)].join(", ")}; further ones are listed in VAMBE_FIELDS`,
      );
    const other = traitOf.get(column);
    if (other !== undefined)
      throw new UnfitInput(
        `--map ${other}=${column} and --map ${trait}=${column}: a column has one trait. Put it into the file once more, under another name`,
      );
    traitOf.set(column, trait);
  }
  return traitOf;
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

const candidatesOf = (trait: string): string =>
  Object.hasOwn(OWN, trait) ? OWN[trait as keyof typeof OWN].join(" or ") : trait;

const columnsAre = (names: readonly string[]) => `Its columns: ${names.filter(Boolean).join(", ")}`;
