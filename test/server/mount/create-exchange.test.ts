import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createExchangeFromEnv } from "../../../server/index.ts";
import { createLog } from "../../../server/log.ts";
import { mountExchange } from "../../support/mounted-exchange.ts";
import { signProof } from "../../support/proofs.ts";
import { freshSettings, ORIGIN } from "../../support/world.ts";

const scriptOf = (exchange: { fetch(request: Request): Promise<Response> }, encoding: string) =>
  exchange.fetch(
    new Request("https://id.example.com/vambe-identity.js", { headers: { "accept-encoding": encoding } }),
  );

describe("the settings of the environment", () => {
  const mounted = (changes: Record<string, string | undefined> = {}, more = {}) => {
    const said: string[] = [];
    const { environment } = freshSettings();
    const exchange = createExchangeFromEnv(more, {
      environment: { ...environment, VAMBE_PUBLIC_URL: "https://id.example.com", ...changes },
      log: createLog((line) => said.push(line)),
    });
    return { exchange, said, secret: environment.VAMBE_IDENTITY_SECRET };
  };

  test("make an exchange", async () => {
    const { exchange, secret } = mounted();
    const body = JSON.stringify({ user: { id: "jane" }, proof: signProof(secret, "jane") });
    const headers = { origin: ORIGIN, "content-type": "application/json" };
    const answer = await exchange.fetch(
      new Request("https://id.example.com/identify", { method: "POST", headers, body }),
    );
    expect(answer.status).toBe(200);
    await exchange.close();
  });

  test("that are wrong are named as variables, all at once", () => {
    const wrong = { VAMBE_PUBLIC_URL: "", VAMBE_CHANNEL_ID: "x", VAMBE_TRUST_PROXY: "one" };
    expect(() => mounted(wrong)).toThrow(
      expect.objectContaining({
        name: "SettingsError",
        mistakes: [
          { setting: "VAMBE_CHANNEL_ID", detail: "must be the UUID of your webchat channel" },
          { setting: "VAMBE_PUBLIC_URL", detail: "is required, such as https://id.example.com" },
          { setting: "VAMBE_TRUST_PROXY", detail: "must be the number of proxies in front, such as 1" },
        ],
      }),
    );
  });

  test("of the app's own server do not matter", async () => {
    const { exchange } = mounted({ PORT: "\\\\.\\pipe\\app", HOST: "" });
    await exchange.ready;
    await exchange.close();
  });

  test("give way to what the app says itself", async () => {
    const { exchange, said } = mounted(
      { VAMBE_RATE_LIMIT: "none", VAMBE_SORCE: "crm" },
      {
        rateLimit: 7,
        authenticate: () => ({ id: "jane" }),
      },
    );
    const headers = { origin: ORIGIN, "content-type": "application/json" };
    const answer = await exchange.fetch(
      new Request("https://id.example.com/identify", {
        method: "POST",
        headers,
        body: '{"user":{"id":"jane"}}',
      }),
    );
    expect(answer.status).toBe(200);
    expect(said.join("\n")).toContain("did you mean VAMBE_SOURCE?");
    await exchange.close();
  });
});

describe("the visitor's address", () => {
  const warned = async (changes = {}, connection = {}) => {
    await using exchange = await mountExchange({ rateLimit: 300, ...changes });
    for (let times = 0; times < 3; times += 1)
      await exchange.fetch(new Request("https://id.example.com/livez"), connection);
    return exchange
      .logged("warn")
      .map(({ event }) => event)
      .filter((event) => event.includes("address"));
  };

  test("that the app does not pass on is missed, once", async () => {
    expect(await warned()).toEqual([expect.stringContaining("exchange.fetch(request, { address })")]);
  });

  test.each([
    ["it is passed on", {}, { address: "192.0.2.1" }],
    ["a proxy says it", { trustProxy: 1 }, {}],
    ["nothing is limited", { rateLimit: 0 }, {}],
  ])("is not missed where %s", async (_, changes, connection) => {
    expect(await warned(changes, connection)).toEqual([]);
  });
});

describe("the widget's files", () => {
  test("come as they are where the app compresses by itself", async () => {
    await using exchange = await mountExchange({ compress: false });
    const answer = await scriptOf(exchange, "br, gzip");
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(await answer.text()).toContain("VambeIdentify");
    const etag = answer.headers.get("etag") ?? "";
    const again = await exchange.fetch(
      new Request("https://id.example.com/vambe-identity.js", {
        headers: { "accept-encoding": "br", "if-none-match": etag },
      }),
    );
    expect(again.status).toBe(304);
  });

  test("come compressed elsewhere, and are the same file", async () => {
    await using exchange = await mountExchange();
    const plain = await (await scriptOf(exchange, "identity")).text();
    const zipped = await scriptOf(exchange, "gzip");
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    expect(String(gunzipSync(Buffer.from(await zipped.arrayBuffer())))).toBe(plain);
  });
});

test("what is no request at all is answered, and not thrown", async () => {
  await using exchange = await mountExchange();
  for (const odd of [
    undefined,
    null,
    {},
    { url: 5 },
    { method: "GET", url: "/livez" },
  ] as unknown as Request[]) {
    const answer = await exchange.fetch(odd);
    expect([500, 200]).toContain(answer.status);
  }
});

test("an app whose authenticate throws gets a 500, and lives", async () => {
  await using exchange = await mountExchange({
    authenticate: () => {
      throw new Error("the session store is down, and the user is jane@example.com");
    },
  });
  const answer = await exchange.identify({ user: { id: "jane" } });
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("jane@example.com");
});
