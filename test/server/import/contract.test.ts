import fc from "fast-check";
import { expect, test } from "vitest";
import { judgeRow } from "../../../server/import/claims-of-row.ts";
import { createReadPhone } from "../../../server/phone/e164.ts";
import { checkSettings } from "../../../server/settings/check-settings.ts";
import { composeUpsert } from "../../../server/vambe/compose-upsert.ts";
import { upsert } from "../../../server/vambe/contract.ts";
import { junk, texts, uuids } from "../../support/generated.ts";
import { mistakesByTheDocument } from "../../support/upsert-document.ts";

const cells = fc.oneof({ weight: 4, arbitrary: texts }, junk);
const phones = fc.oneof(
  fc.constantFrom("+5511987654321", "(11) 8765-4321", "+52 1 55 1234 5678", "011 15 2345-6789", "12"),
  texts,
);
const values = fc.record(
  {
    id: fc.oneof({ weight: 3, arbitrary: fc.uuid() }, cells),
    name: cells,
    email: fc.oneof(fc.emailAddress(), cells),
    plan: cells,
    phone: phones,
    "company.name": cells,
    fields: fc.oneof(fc.dictionary(texts, cells, { maxKeys: 4 }), junk),
    seats: cells,
  },
  { requiredKeys: [] },
);

test("whatever stands in a row, what is sent of it is what Vambe's document takes, on each channel", () => {
  const channels = new Map<string, number>();
  fc.assert(
    fc.property(
      values,
      uuids,
      fc.constantFrom(undefined, "+5511300000000", "web-whatsapp:channel_1"),
      fc.boolean(),
      (row, channelId, whatsappPhone, onWhatsappOnly) => {
        const settings = checkSettings({
          apiKey: "key",
          channelId,
          whatsappPhone,
          identitySecrets: ["0123456789abcdef0123456789abcdef"],
          allowedOrigins: ["https://shop.example.com"],
          publicUrl: "https://id.example.com",
          fields: { plan: "plan", seats: "seats", phone: "phone", "company.name": "company", id: "user_id" },
        });
        const judged = judgeRow(
          { line: 1, values: row, cells: [] },
          {
            target: { ...settings, readPhone: createReadPhone("BR") },
            onWhatsappOnly: onWhatsappOnly && whatsappPhone !== undefined,
            traitOf: new Map(),
            takesOthers: true,
            asOf: 0,
          },
        );
        if ("refused" in judged) {
          expect(judged.refused).toMatch(/^(id|phone) /);
          return;
        }
        for (const claim of judged.claims) {
          const body = composeUpsert({ ...claim, generation: 1, lease: 0, attempts: 0 }, settings);
          expect(mistakesByTheDocument(body)).toEqual([]);
          expect(upsert.parse(body)).toEqual(body);
          channels.set(body.channel, (channels.get(body.channel) ?? 0) + 1);
        }
      },
    ),
    { numRuns: 3000 },
  );
  for (const channel of ["webchat", "whatsapp", "web-whatsapp"])
    expect(channels.get(channel), channel).toBeGreaterThan(100);
});
