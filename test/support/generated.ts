import fc from "fast-check";

/** Generators of what the outside world may hand over. */

const NIL = "00000000-0000-0000-0000-000000000000";
const MAX = "ffffffff-ffff-ffff-ffff-ffffffffffff";

export const uuids = fc.oneof(
  { weight: 8, arbitrary: fc.uuid({ version: [1, 2, 3, 4, 5, 6, 7, 8] }) },
  { weight: 2, arbitrary: fc.uuid().map((id) => id.toUpperCase()) },
  fc.constantFrom(NIL, MAX),
);

/** Text of all kinds: ordinary names, astral letters, lone surrogates, control characters, nothing. */
export const texts = fc.oneof(
  fc.constantFrom("", " ", "Jane Doe", "José Núñez", "李雷", "👩‍👩‍👧", "\u202egnp.exe", "a\u0000b", "\ud800"),
  fc.string({ maxLength: 40 }),
  fc.string({ maxLength: 40, unit: "binary" }),
);

/** Whatever else JSON can hold. */
export const junk = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 2 }));

const maybeWrong = <T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: junk });

const phones = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("", "+", " +", "00"),
      fc.array(fc.constantFrom(..."0123456789 -().\t"), { minLength: 4, maxLength: 24 }),
    )
    .map(([plus, digits]) => plus + digits.join("")),
  texts,
);

const common = {
  contact_name: maybeWrong(texts),
  contact_email: maybeWrong(texts),
  stageId: maybeWrong(uuids),
  agentId: maybeWrong(uuids),
  custom_field_values: maybeWrong(
    fc.array(fc.record({ key: maybeWrong(texts), value: maybeWrong(texts) }), { maxLength: 3 }),
  ),
};
const metaData = maybeWrong(fc.dictionary(texts, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }));

/** Bodies for each channel, most of them right or nearly so. */
export const upsertInputs = fc.oneof(
  fc.record(
    {
      channel: fc.constant("webchat"),
      channel_id: maybeWrong(uuids),
      external_user_id: maybeWrong(texts),
      meta_data: metaData,
      ...common,
    },
    { requiredKeys: ["channel", "channel_id", "external_user_id", "meta_data"] },
  ),
  fc.record(
    {
      channel: fc.constantFrom("whatsapp", "web-whatsapp"),
      channel_phone_number: maybeWrong(phones),
      contact_phone_number: maybeWrong(phones),
      meta_data: metaData,
      ...common,
    },
    { requiredKeys: ["channel", "channel_phone_number", "contact_phone_number", "meta_data"] },
  ),
);

/** Users as a page or a backend may describe them, most of them right or nearly so. */
export const users = fc.record(
  {
    id: maybeWrong(fc.oneof(texts, fc.integer(), fc.double())),
    name: maybeWrong(texts),
    email: maybeWrong(fc.oneof(texts, fc.emailAddress())),
    plan: maybeWrong(texts),
    phone: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom("+5511987654321", "(11) 8765-4321", "+52 1 55 1234 5678") },
      { weight: 1, arbitrary: texts },
    ),
    fields: maybeWrong(
      fc.dictionary(fc.oneof(fc.constantFrom("seats", "año", "name"), texts), fc.oneof(texts, junk), {
        maxKeys: 5,
      }),
    ),
  },
  { requiredKeys: ["id"] },
);
