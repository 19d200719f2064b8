/** What a custom field may hold. A Date is signed as ISO 8601 text; `null` says the same as leaving it out. */
export type FieldValue = string | number | boolean | Date | null | undefined;

/** Who is signed in. `null` says the same as leaving a trait out. */
export interface SignedUser {
  /** The id that the site knows the user by. A number stands for its decimal digits. */
  id: string | number;
  name?: string | null | undefined;
  email?: string | null | undefined;
  plan?: string | null | undefined;
  /** Further custom fields, name → value. */
  fields?: Readonly<Record<string, FieldValue>> | null | undefined;
}
