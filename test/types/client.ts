/** What the client takes and gives. Never run, only compiled. */
import {
  type Contact,
  createVambeClient,
  ExchangeError,
  identifyUser,
  VambeError,
} from "vambe-identity/client";

/** As `process.env` is. */
declare const environment: Record<string, string | undefined>;

const vambe = createVambeClient({ apiKey: environment.VAMBE_API_KEY, maxRate: 2 });
const webchat = { channel: "webchat", channel_id: "…", external_user_id: "u" } as const;

export async function right(signal: AbortSignal): Promise<string[]> {
  const contact: Contact = await vambe.upsertContact({ ...webchat, contact_name: undefined }, { signal });
  await vambe.addWebchatMetadata("u", { seats: 3, more: { deep: [true] } });
  const { status, ignored } = await identifyUser(
    { id: 7, plan: null, company: { name: "Acme" } },
    { exchangeUrl: "https://id.example.com", secret: environment.VAMBE_IDENTITY_SECRET },
  );
  return [contact.id ?? "", contact.name ?? "", status, ...ignored.map(({ reason }) => reason)];
}

export function told(error: unknown): string | undefined {
  if (error instanceof VambeError) return error.code === "busy" ? "later" : error.errors[0]?.field;
  return error instanceof ExchangeError ? error.page : undefined;
}

export async function wrong(): Promise<void> {
  // @ts-expect-error: a contact of the webchat has an id of yours
  await vambe.upsertContact({ channel: "webchat", channel_id: "…" });
  // @ts-expect-error: one of WhatsApp has a phone number
  await vambe.upsertContact({ channel: "whatsapp", external_user_id: "u" });
  // @ts-expect-error: there is no such channel
  await vambe.upsertContact({ ...webchat, channel: "sms" });
  // @ts-expect-error: a custom field has a text
  await vambe.upsertContact({ ...webchat, custom_field_values: [{ key: "seats", value: 3 }] });
  // @ts-expect-error: the exchange has an address
  await identifyUser({ id: "u" }, { secret: "…" });
}
