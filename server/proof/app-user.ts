import type { Company, FieldValue } from "../sign/signed-user.ts";

/** Who is signed in, as the app that mounts the handler knows it; `null` where nobody is. */
export type Authenticate = (request: Request) => AppUser | null | Promise<AppUser | null>;

/** What the app says of its user. All of it counts as proven. `null` empties a trait; one that is left out stays as it is. */
export interface AppUser {
  id: string | number;
  name?: string | null | undefined;
  email?: string | null | undefined;
  plan?: string | null | undefined;
  /** With its country code, or a number in `VAMBE_PHONE_COUNTRY`. */
  phone?: string | null | undefined;
  company?: Company | null | undefined;
  /** Further custom fields, name → value. A Date is taken as ISO 8601 text. */
  fields?: Readonly<Record<string, FieldValue>> | null | undefined;
  /** Who acts for the user, such as support that has logged in as a customer (RFC 8693 §4.1). */
  act?: { sub: string | number } | null | undefined;
}
