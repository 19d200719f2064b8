/** What a custom field may hold. A Date is signed as ISO 8601 text; `null` empties the field. */
export type FieldValue = string | number | boolean | Date | null | undefined;

/** The company that a user belongs to, at the site. */
export interface Company {
  id?: string | number | null | undefined;
  name?: string | null | undefined;
  plan?: string | null | undefined;
}

/** Who is signed in. `null` empties a trait at Vambe (a name and an email stay there, and so does the contact on WhatsApp), leaving it out leaves it alone. */
export interface SignedUser {
  /** The id that the site knows the user by. A number stands for its decimal digits. */
  id: string | number;
  name?: string | null | undefined;
  email?: string | null | undefined;
  plan?: string | null | undefined;
  /** With its country code, or a number in `VAMBE_PHONE_COUNTRY`. Sign only one that the site has verified. */
  phone?: string | null | undefined;
  /** Where `VAMBE_FIELDS` lists `company.id`, `company.name` or `company.plan`. `null`: of none any more. */
  company?: Company | null | undefined;
  /** Further custom fields, name → value. */
  fields?: Readonly<Record<string, FieldValue>> | null | undefined;
}
