import { describe, expect, test } from "vitest";
import type { Authenticate } from "../../../server/index.ts";
import { mountExchange } from "../../support/mounted-exchange.ts";

/** An app that mounts the handler and knows its visitors by a session of its own. */
async function openApp(authenticate: Authenticate) {
  const publicUrl = "https://shop.example.com/identity";
  const exchange = await mountExchange({ identitySecrets: [], publicUrl, authenticate });
  return {
    ...exchange,
    identify: async (id: unknown, cookie: string, proof?: string) => {
      const asked = { user: { id, plan: "enterprise" }, proof };
      const response = await exchange.identify(asked, { "x-session": cookie });
      return { status: response.status, body: await response.json(), headers: response.headers };
    },
  };
}

describe("an app's own authentication", () => {
  const bySession: Authenticate = (request) =>
    request.headers.get("x-session") === "jane" ? { id: 7, name: "Jane", plan: "free" } : null;

  test("says who it is, and all that it says is proven", async () => {
    await using app = await openApp(bySession);
    const { status, body, headers } = await app.identify(7, "jane");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      user: { id: "7", verified: true },
      applied: ["name", "plan"],
      ignored: [{ trait: "plan", reason: "differs-from-proof" }],
    });
    expect(headers.get("access-control-allow-credentials")).toBe("true");
    expect(app.vambe.standIn.contacts()).toMatchObject([{ fields: { plan: "free" } }]);
  });

  test("says what company and phone it is, too", async () => {
    await using app = await openApp(() => ({ id: 8, company: { name: "Acme" }, phone: "+5511987654321" }));
    const { body } = await app.identify(8, "jane");
    expect(body.ignored).toEqual([
      { trait: "plan", reason: "unproven" },
      { trait: "company.name", reason: "not-in-fields-setting" },
      { trait: "phone", reason: "not-in-fields-setting" },
    ]);
  });

  test("of nobody is nobody", async () => {
    await using app = await openApp(bySession);
    const { status, body } = await app.identify(7, "nobody");
    expect({ status, type: body.type }).toEqual({
      status: 401,
      type: "https://shop.example.com/identity/problems/proof-missing",
    });
  });

  test("does not stand in for a proof that nothing here can check", async () => {
    await using app = await openApp(bySession);
    expect((await app.identify("7", "jane", "garbage")).body.type).toMatch(/proof-malformed$/);
    expect(app.vambe.standIn.upserts()).toEqual([]);
  });

  test("of somebody else does not let the page be who it says", async () => {
    await using app = await openApp(bySession);
    expect((await app.identify("8", "jane")).body.type).toMatch(/proof-other-user$/);
    expect(app.vambe.standIn.upserts()).toEqual([]);
  });

  test("that returns what is no user is named, and that fails tells nothing to the page", async () => {
    await using wrong = await openApp(() => ({ id: "" }));
    expect((await wrong.identify("8", "jane")).body).toMatchObject({
      status: 401,
      detail: "What `authenticate` returned is not a valid user.",
      errors: [{ field: "id" }],
    });
    await using broken = await openApp(() => {
      throw new Error("select * from users where token = 'secret'");
    });
    const { status, body } = await broken.identify("8", "jane");
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain("secret");
  });
});
