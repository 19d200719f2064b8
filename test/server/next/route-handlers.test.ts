import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ExchangeOptions } from "../../../server/index.ts";
import { createLog } from "../../../server/log.ts";
import { createRouteHandlers } from "../../../server/next/route-handlers.ts";
import { eventually } from "../../support/eventually.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { type RunningVambe, startVambe } from "../../support/vambe.ts";
import { freshSettings, ORIGIN } from "../../support/world.ts";

/** The handlers as Next.js has them: made when a module is run, which a hot reload does again, and asked later. */

const PLACE = Symbol.for("vambe-identity.next");
const SITE = "https://shop.example.com/identity";
const inRequest = new AsyncLocalStorage<string>();

let vambe: RunningVambe;
let folder: TemporaryFolder;
let options: Partial<ExchangeOptions>;
let lines: { event: string; setting?: string; context: string | undefined }[];

beforeEach(async () => {
  const fresh = freshSettings();
  vambe = await startVambe({ apiKey: fresh.apiKey });
  folder = temporaryFolder();
  lines = [];
  options = {
    ...fresh.options,
    apiUrl: vambe.url,
    publicUrl: SITE,
    databaseUrl: `file:${folder.file("exchange.db")}`,
    authenticate: () => ({ id: "ana-1", name: "Ana Rivera" }),
  };
});
afterEach(async () => {
  const place = Object(globalThis)[PLACE];
  await (await place?.exchange())?.exchange.close();
  Object(globalThis)[PLACE] = undefined;
  vi.unstubAllEnvs();
  await vambe[Symbol.asyncDispose]();
  folder.remove();
});

const log = createLog((line) => lines.push({ ...JSON.parse(line), context: inRequest.getStore() }));
const make = (changes: Partial<ExchangeOptions> = {}) =>
  createRouteHandlers({ ...options, ...changes }, { log });
const identify = (path = "/identity/identify") => {
  const headers = { origin: ORIGIN, "content-type": "application/json" };
  return new Request(new URL(path, SITE), { method: "POST", headers, body: '{"user":{"id":"ana-1"}}' });
};
const kidOf = async (answer: Response): Promise<string> => (await answer.json()).keys[0].kid;
const keys = () => new Request(`${SITE}/.well-known/jwks.json`);

test("nothing is read or opened before the first request, and then it answers as any exchange", async () => {
  const { POST } = make();
  await sleep(100);
  expect([existsSync(folder.file("exchange.db")), lines]).toEqual([false, []]);
  const answer = await POST(identify());
  expect(await answer.json()).toMatchObject({ status: "delivered", user: { id: "ana-1", verified: true } });
  expect(vambe.standIn.contacts()).toMatchObject([{ external_user_id: "ana-1" }]);
});

test("a hot reload with the same settings keeps the exchange", async () => {
  const before = await kidOf(await make({ databaseUrl: "memory:" }).GET(keys()));
  const reloaded = make({ databaseUrl: "memory:", authenticate: () => null });
  expect(await kidOf(await reloaded.GET(keys()))).toBe(before);
});

test("a hot reload's function is asked from then on, by the handlers of before too", async () => {
  const before = make();
  await before.POST(identify());
  make({ authenticate: () => null });
  expect((await before.POST(identify())).status).toBe(401);
});

test("a hot reload with other settings closes the exchange and opens another, which has the file", async () => {
  const before = make();
  await before.POST(identify());
  const { exchange: replaced } = await Object(globalThis)[PLACE].exchange();
  const after = make({ allowedOrigins: ["https://other.example.com"] });
  const answers = await Promise.all([after, before].map(({ POST }) => POST(identify())));
  expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  expect((await after.GET(new Request(`${SITE}/readyz`))).status).toBe(200);
  expect((await replaced.fetch(new Request(`${SITE}/readyz`))).status).toBe(503);
});

test("so does an environment that has changed", async () => {
  const { VAMBE_CHANNEL_ID, ...others } = {
    VAMBE_CHANNEL_ID: "b1b2c3d4-e5f6-4890-abcd-ef1234567890",
    VAMBE_ALLOWED_ORIGINS: ORIGIN,
  };
  vi.stubEnv("VAMBE_CHANNEL_ID", VAMBE_CHANNEL_ID);
  for (const [name, value] of Object.entries(others)) vi.stubEnv(name, value);
  const { channelId, allowedOrigins, ...rest } = options;
  const withoutBoth = () => createRouteHandlers(rest, { log });
  expect((await withoutBoth().POST(identify())).status).toBe(200);
  vi.stubEnv("VAMBE_ALLOWED_ORIGINS", "https://other.example.com");
  expect((await withoutBoth().POST(identify())).status).toBe(403);
});

test("the site's function knows the request that it is asked about, and the exchange outlives it", async () => {
  const asked: unknown[] = [];
  const { POST } = make({
    authenticate: async ({ url }) => {
      await Promise.resolve();
      asked.push([url, inRequest.getStore()]);
      return { id: "ana-1" };
    },
  });
  await inRequest.run("the first request", () => POST(identify()));
  await inRequest.run("the second request", () => POST(identify()));
  expect(asked).toEqual([
    [`${SITE}/identify`, "the first request"],
    [`${SITE}/identify`, "the second request"],
  ]);
  await eventually("it has said something", () => lines.length > 1);
  expect(lines.filter(({ context }) => context !== undefined)).toEqual([]);
});

test("a site below a path of its own has the exchange below it too", async () => {
  const asked: string[] = [];
  const { GET, POST } = make({
    publicUrl: "https://shop.example.com/store/identity",
    authenticate: ({ url }) => {
      asked.push(url);
      return { id: "ana-1" };
    },
  });
  // What Next.js hands on has no `basePath` in it, and the catch-all may have any name.
  const found = (...path: string[]) => ({ params: Promise.resolve({ path }) });
  const livez = await GET(new Request("https://shop.example.com/identity/livez"), found("livez"));
  expect(livez.status).toBe(200);
  expect((await POST(identify(), found("identify"))).status).toBe(200);
  expect(asked).toEqual(["https://shop.example.com/store/identity/identify"]);
  // One segment with a slash in it is not two.
  const other = new Request("https://shop.example.com/identity/a%2Flivez");
  expect((await GET(other, found("a/livez"))).status).toBe(404);
});

test("settings that are wrong are a 500, in the log once each, and mended by a hot reload", async () => {
  const broken = make({ apiKey: "", rateLimit: -1 });
  for (let i = 0; i < 3; i++) {
    const answer = await broken.GET(keys());
    expect([answer.status, answer.headers.get("content-type")]).toEqual([500, "application/problem+json"]);
    expect(await answer.text()).not.toContain("VAMBE_");
  }
  expect(lines.map(({ setting }) => setting).sort()).toEqual(["VAMBE_API_KEY", "VAMBE_RATE_LIMIT"]);
  expect((await make().POST(identify())).status).toBe(200);
});

test("Next.js compresses by itself, and takes away what would say that it need not", async () => {
  const script = new Request(`${SITE}/vambe-identity.js`, { headers: { "accept-encoding": "br, gzip" } });
  const answer = await make().GET(script);
  expect(answer.headers.get("content-encoding")).toBeNull();
  expect(await answer.text()).toContain("VambeIdentify");
});
