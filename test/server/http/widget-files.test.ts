import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawRequest } from "../../support/raw-request.ts";
import { startWorld, type World } from "../../support/world.ts";

const root = new URL("../../../", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const builtFile = (name: string) => readFileSync(new URL(`dist/widget/${name}.js`, root));

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  rawRequest(world.exchange.url + path, { method, headers });

describe.each([
  "vambe-identity",
  "vambe-identity-badge",
  "vambe-identity-chat",
  "vambe-identity-gate",
  "vambe-identity-inspector",
  "vambe-identity-tend",
])("%s.js", (name) => {
  const plain = `/${name}.js`;
  const versioned = `/${name}-${version}.js`;

  test("is what was built, whichever way it is compressed", async () => {
    const [br, gzip, identity] = await Promise.all([
      get(plain, { "accept-encoding": "gzip, deflate, br, zstd" }),
      get(plain, { "accept-encoding": "gzip, deflate" }),
      get(plain),
    ]);
    expect([br, gzip, identity].map(({ headers }) => headers["content-encoding"])).toEqual([
      "br",
      "gzip",
      undefined,
    ]);
    expect(brotliDecompressSync(br.bytes)).toEqual(builtFile(name));
    expect(gunzipSync(gzip.bytes)).toEqual(builtFile(name));
    expect(identity.bytes).toEqual(builtFile(name));
  });

  test.each([
    ["br;q=0, gzip", "gzip"],
    ["br;q=0.0,gzip;q=0", undefined],
    ["gzip;q=0.5", "gzip"],
    ["identity", undefined],
    ["brotli, xgzip", undefined],
    ["", undefined],
  ])("with Accept-Encoding %j comes as %s", async (accepted, encoding) => {
    const answer = await get(plain, { "accept-encoding": accepted });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-encoding"]).toBe(encoding);
    expect(answer.headers.vary).toMatch(/accept-encoding/i);
  });

  test("may be used by any page, and is JavaScript", async () => {
    const { headers } = await get(plain, { origin: "https://anywhere.example" });
    expect(headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "x-content-type-options": "nosniff",
    });
  });

  test("is not sent again to whoever has it", async () => {
    const { headers } = await get(plain, { "accept-encoding": "br" });
    const etag = headers.etag ?? "";
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await get(plain, { "accept-encoding": "br", "if-none-match": known });
      expect(again.status).toBe(304);
      expect(again.bytes.length).toBe(0);
      expect(again.headers).toMatchObject({
        etag,
        "cache-control": headers["cache-control"],
        vary: headers.vary,
      });
    }
    expect((await get(plain, { "accept-encoding": "gzip", "if-none-match": etag })).status).toBe(200);
    expect((await get(plain, { "accept-encoding": "br", "if-none-match": '"old"' })).status).toBe(200);
  });

  test("follows an update within minutes; under the name with its version in it, it never changes", async () => {
    const age = async (path: string) => (await get(path)).headers["cache-control"] ?? "";
    expect(Number(/max-age=(\d+)/.exec(await age(plain))?.[1])).toBeLessThanOrEqual(3600);
    expect(await age(versioned)).toBe("public, max-age=31536000, immutable");
    expect((await get(versioned)).bytes).toEqual(builtFile(name));
    expect((await get(versioned.replace(version, "99.0.0"))).status).toBe(404);
  });

  test("HEAD says the same as GET, without the body", async () => {
    const [head, whole] = await Promise.all([get(plain, {}, "HEAD"), get(plain)]);
    expect(head.status).toBe(200);
    expect(head.bytes.length).toBe(0);
    for (const header of ["etag", "cache-control", "content-type", "vary"]) {
      expect(head.headers[header]).toBe(whole.headers[header]);
    }
  });

  test("has the hash that integrity.json gives for it", async () => {
    const { headers, text } = await get("/integrity.json", { origin: "https://anywhere.example" });
    expect(headers["access-control-allow-origin"]).toBe("*");
    const hashes: Record<string, string> = JSON.parse(text);
    const hash = `sha384-${createHash("sha384").update(builtFile(name)).digest("base64")}`;
    expect(hashes).toMatchObject({ [plain.slice(1)]: hash, [versioned.slice(1)]: hash });
  });
});

test.each([
  "/",
  "/index.html",
  "/package.json",
  "/../package.json",
  "/%2e%2e/package.json",
  "/dist/widget/vambe-identity.js",
  "/vambe-identity.js.map",
  "/vambe-identity.js/",
  "/vambe-identity.js%00",
  "/server/cli/main.ts",
  "/.env",
  "/vambe-identity.db",
  "/exchange.db",
  "//etc/passwd",
])("nothing else is served: %s", async (path) => {
  expect((await get(path)).status).toBe(404);
});
