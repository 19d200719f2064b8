import type { Upsert } from "../../vambe/feed.ts";

/** What the story reads from the body of an upsert. It is shown as it came, so it may be anything. */
type Sent = Pick<Upsert, "body">;

const member = ({ body }: Sent, name: string): unknown => Object(body)[name];

function textIn(sent: Sent, name: string): string | undefined {
  const value = member(sent, name);
  return typeof value === "string" ? value : undefined;
}

export const isOnWhatsapp = (sent: Sent): boolean => textIn(sent, "channel")?.endsWith("whatsapp") ?? false;

export function fieldsIn(sent: Sent): { key: string; value: string }[] {
  const values = member(sent, "custom_field_values");
  if (!Array.isArray(values)) return [];
  return values.map((field: unknown) => {
    const { key, value } = Object(field);
    return { key: String(key), value: String(value) };
  });
}

/**
 * Whose contact each upsert is for, by the site's id. On WhatsApp a contact is named by its phone: the first upsert of it
 * says in an identifier field whose it is.
 */
export function usersOf<One extends Sent>(
  upserts: readonly One[],
  identifiers: readonly string[],
): ReadonlyMap<One, string | undefined> {
  const byPhone = new Map<string | undefined, string>();
  return new Map(
    upserts.map((upsert) => {
      const phone = textIn(upsert, "contact_phone_number");
      const user =
        textIn(upsert, "external_user_id") ??
        fieldsIn(upsert).find(({ key }) => identifiers.includes(key))?.value ??
        byPhone.get(phone);
      if (phone && user) byPhone.set(phone, user);
      return [upsert, user];
    }),
  );
}
