import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startWorld } from "../support/world.ts";

const page = readFileSync(new URL("../../docs/traits.md", import.meta.url), "utf8");
const [, lines = ""] = /## Phone\n\n```sh\n(.*?)```/s.exec(page) ?? [];
const settings = Object.fromEntries(
  lines
    .trim()
    .split("\n")
    .map((line) => line.split("=") as [string, string]),
);

test("with the settings of docs/traits.md one person is one customer on both channels", async () => {
  const fields = ["user_id", "phone", "plan"].map((key) => ({ key, identifier: key === "user_id" }));
  await using site = await startWorld({ environment: settings, vambe: { fields } });
  await site.signIn("jane", { plan: "pro", phone: "(11) 8765-4321" });
  const contacts = () => site.vambe.standIn.contacts().map(({ contact }) => contact);
  await expect.poll(() => contacts().length).toBe(2);
  expect(
    contacts()
      .map(({ platform }) => platform)
      .sort(),
  ).toEqual(["webchat", "whatsapp"]);
  expect(new Set(contacts().map(({ ai_customer_id }) => ai_customer_id)).size).toBe(1);
  expect(contacts().find(({ platform }) => platform === "whatsapp")?.phone).toBe("+5511987654321");
});
