import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startWorld, type World } from "../support/world.ts";

/** The programs of docs/use-cases.md, as they stand there but for the addresses, against an exchange and the stand-in. */

const ROOT = new URL("../..", import.meta.url);
const PHONE = "+56912345678";
const [setUp = "", ...programs] = [
  ...readFileSync(new URL("docs/use-cases.md", ROOT), "utf8").matchAll(/```js\n(.*?)```/gs),
].map(([, code = ""]) => code);

const folder = temporaryFolder();
let world: World;
beforeAll(async () => {
  world = await startWorld({
    vambe: { fields: [{ key: "plan" }, { key: "company_name" }, { key: "rut", identifier: true }] },
  });
  vi.stubEnv("VAMBE_API_KEY", world.apiKey);
  vi.stubEnv("VAMBE_CHANNEL_ID", world.channelId);
  vi.stubEnv("VAMBE_IDENTITY_SECRET", world.secret);
  vi.stubEnv("WHATSAPP_PHONE", PHONE);
  const client = new URL("server/client/index.ts", ROOT).href;
  const written = (name: string, code: string) => {
    const there = code
      .replaceAll('"vambe-identity/client"', JSON.stringify(client))
      .replace("apiKey: process", `apiUrl: "${world.vambe.url}", maxRate: 1000, apiKey: process`)
      .replace("https://id.example.com", world.exchange.url);
    writeFileSync(folder.file(name), there);
  };
  written("vambe.js", setUp);
  writeFileSync(folder.file("package.json"), '{"type":"module"}');
  for (const [at, code] of programs.entries()) written(`${at}.js`, code);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await world?.[Symbol.asyncDispose]();
  folder.remove();
});

type Program = Record<string, (...given: unknown[]) => Promise<unknown>>;

async function run(name: string, ...given: unknown[]): Promise<unknown> {
  const at = programs.findIndex((code) => new RegExp(`export .*\\b${name}\\b`).test(code));
  const program: Program = await import(/* @vite-ignore */ pathToFileURL(folder.file(`${at}.js`)).href);
  return program[name]?.(...given);
}
const contactOf = (which: string) =>
  world.vambe.standIn
    .contacts()
    .find(({ external_user_id, contact }) => [external_user_id, contact.phone].includes(which));

describe("docs/use-cases.md", () => {
  test("a billing system cancels a plan", async () => {
    await world.signIn("user-1", { name: "Jane Doe", plan: "premium" });
    expect(await run("subscriptionEnded", { customer: { userId: "user-1" } })).toBe("delivered");
    expect(contactOf("user-1")).toMatchObject({ contact: { name: "Jane Doe" }, fields: { plan: "" } });
  });

  test("CRM data", async () => {
    const row = {
      phone: "+56 9 8765 4321",
      full_name: "María Rodríguez",
      email: "maria@example.com",
      company_name: "Acme",
      tax_id: "12345678-9",
    };
    expect(await run("importCrmCustomer", row)).toMatchObject({
      name: "María Rodríguez",
      platform: "whatsapp",
    });
    expect(contactOf("+56987654321")?.fields).toEqual({ company_name: "Acme", rut: "12345678-9" });
  });

  test("a signed-in user", async () => {
    await run("registered", { id: "user-2", name: "Bruno", email: "bruno@example.com", plan: "pro" });
    expect(contactOf("user-2")).toMatchObject({ channel_id: world.channelId, fields: { plan: "pro" } });
  });

  test("a form", async () => {
    const form = { phone: "+56 9 1111 1111", name: "Ana", subject: "Hello", message: "What does it cost?" };
    expect(await run("contactForm", form)).toMatchObject({ contact: { name: "Ana" } });
    expect(contactOf("+56911111111")?.meta_data).toMatchObject({ source: "contact form", subject: "Hello" });
    expect(await run("contactForm", { ...form, phone: "none" })).toEqual({
      mistakes: [{ field: "contact_phone_number", detail: "must be a phone number with its country code" }],
    });
  });

  test("an order", async () => {
    const customer = {
      phone: "+56922222222",
      first_name: "Carla",
      last_name: "Núñez",
      email: "c@example.com",
    };
    const order = {
      customer,
      order_number: 17,
      total_price: "12.90",
      currency: "CLP",
      line_items: [{ title: "Bread" }, { title: "Salt" }],
    };
    await run("ordered", order);
    expect(contactOf("+56922222222")).toMatchObject({
      contact: { name: "Carla Núñez" },
      meta_data: { orderNumber: 17, products: "Bread, Salt" },
    });
    const over = new Error("over");
    await expect(run("ordered", order, AbortSignal.abort(over))).rejects.toBe(over);
  });

  test("many customers, one of them with a phone number that is none", async () => {
    const customers = ["+56933333331", "none", "+56933333333"].map((phone) => ({
      phone,
      name: "N",
      email: "n@e.co",
    }));
    expect(await run("importCustomers", customers)).toEqual([
      { phone: "+56933333331", id: expect.any(String) },
      { phone: "none", error: "contact_phone_number must be a phone number with its country code." },
      { phone: "+56933333333", id: expect.any(String) },
    ]);
  });
});
