import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ExchangeProcess, startExchange } from "../support/exchange-process.ts";
import { signProof } from "../support/proofs.ts";
import { rawRequest } from "../support/raw-request.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { type RunningVambe, startVambe } from "../support/vambe.ts";
import { freshSettings, ORIGIN } from "../support/world.ts";
import { deployFile, settingsNamedIn } from "./docs-file.ts";
import { bufferingLine, type RunningProxy, reasonToSkipProxy, startProxy } from "./proxy.ts";

/** The configurations of docs/deploy/ for one exchange, run by nginx and Caddy as Debian has them. */

const ONE_EXCHANGE = ["nginx-host.conf", "nginx-prefix.conf", "Caddyfile", "Caddyfile.prefix"];
const LIMIT = 20;

describe.each(ONE_EXCHANGE)("%s", (file) => {
  const skipped = reasonToSkipProxy(file);
  const isCaddy = file.startsWith("Caddyfile");
  const settings = settingsNamedIn(deployFile(file));
  const { hostname: host, pathname } = new URL(settings.VAMBE_PUBLIC_URL ?? "");
  const path = pathname.replace(/\/$/, "");
  const { apiKey, secret, environment } = freshSettings();

  describe.skipIf(skipped)(skipped ? `(skipped: ${skipped})` : `in front of an exchange`, () => {
    let folder: TemporaryFolder;
    let vambe: RunningVambe;
    let exchange: ExchangeProcess;
    let proxy: RunningProxy;
    beforeAll(async () => {
      folder = temporaryFolder();
      vambe = await startVambe({ apiKey });
      exchange = await startExchange({
        ...environment,
        ...settings,
        VAMBE_API_URL: vambe.url,
        VAMBE_DATABASE_URL: `file:${folder.file("exchange.db")}`,
        VAMBE_RATE_LIMIT: `${LIMIT}`,
      });
      proxy = await startProxy(file, { host, exchanges: [exchange.port] });
    }, 120_000);
    afterAll(async () => {
      await proxy?.[Symbol.asyncDispose]();
      await exchange?.[Symbol.asyncDispose]();
      await vambe?.[Symbol.asyncDispose]();
      folder?.remove();
    });

    const identified = (id: string, claims: Record<string, unknown> = {}) => ({
      method: "POST",
      headers: { origin: ORIGIN, "content-type": "application/json" },
      body: JSON.stringify({ user: { id }, proof: signProof(secret, id, claims) }),
    });

    test("a page identifies its user over HTTP/2, and the token is of the public address", async () => {
      const { headers, text } = await proxy.askHttp2(
        `${path}/identify`,
        identified("ana", { name: "Ana Rivera" }),
      );
      expect(headers).toMatchObject({ ":status": 200, "access-control-allow-origin": ORIGIN });
      const { status, token } = JSON.parse(text);
      expect(status).toBe("delivered");
      expect(JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString())).toMatchObject({
        iss: settings.VAMBE_PUBLIC_URL,
        aud: ORIGIN,
      });
      expect(vambe.standIn.contacts().map(({ contact }) => contact.name)).toEqual(["Ana Rivera"]);
    });

    test("a browser's preflight is answered", async () => {
      const { status, headers } = await proxy.ask(`${path}/identify`, {
        method: "OPTIONS",
        headers: {
          origin: ORIGIN,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type",
        },
      });
      expect([status, headers["access-control-allow-origin"]]).toEqual([204, ORIGIN]);
    });

    test("the page's origin comes through: one that is not allowed is refused", async () => {
      const asked = identified("ana");
      const { status, text } = await proxy.ask(`${path}/identify`, {
        ...asked,
        headers: { ...asked.headers, origin: "https://evil.example" },
      });
      expect([status, JSON.parse(text).type]).toEqual([
        403,
        `${settings.VAMBE_PUBLIC_URL}/problems/origin-not-allowed`,
      ]);
    });

    test("visitors are told apart by their addresses, whatever they write themselves", async () => {
      const from = async (address: string, written = {}) => {
        const asked = identified(`user-of-${address}`);
        const answer = await proxy.ask(`${path}/identify`, {
          ...asked,
          headers: { ...asked.headers, ...written },
          from: address,
        });
        return answer.status;
      };
      const refuses = async (address: string, written: () => Record<string, string>) => {
        // Twice the limit: a new minute may begin in between.
        for (let n = 0; n <= 2 * LIMIT; n++) if ((await from(address, written())) === 429) return true;
        return false;
      };
      let made = 0;
      expect(await refuses("127.0.0.2", () => ({}))).toBe(true);
      expect(await from("127.0.0.3")).toBe(200);
      expect(await refuses("127.0.0.4", () => ({ "x-forwarded-for": `198.51.100.${made++}` }))).toBe(true);
      expect(await refuses("127.0.0.5", () => ({ forwarded: `for=198.51.100.${made++}` }))).toBe(true);
      expect(await from("127.0.0.6")).toBe(200);
      expect(exchange.output()).not.toContain('"setting":"VAMBE_TRUST_PROXY"');
    });

    test("a body that is too large gets an answer which says so", async () => {
      const ofLength = (bytes: number) => ({
        ...identified("ana"),
        body: JSON.stringify({ user: { id: "x".repeat(bytes) } }),
      });
      const above = await proxy.ask(`${path}/identify`, ofLength(40 * 1024));
      expect([
        above.status,
        above.headers["content-type"],
        above.headers["access-control-allow-origin"],
      ]).toEqual([413, "application/problem+json", ORIGIN]);
      expect(JSON.parse(above.text).detail).toContain("at most 32768 bytes");
      expect((await proxy.ask(`${path}/identify`, ofLength(200 * 1024))).status).toBe(413);
    });

    test("large cookies do no harm", async () => {
      const asked = identified("ana");
      const { status } = await proxy.ask(`${path}/identify`, {
        ...asked,
        headers: { ...asked.headers, cookie: `session=${"x".repeat(20_000)}` },
      });
      expect(status).toBe(200);
    });

    test("the widget comes compressed, is cached as the exchange says, and is not sent twice", async () => {
      const get = (name: string, headers: Record<string, string> = {}) =>
        proxy.ask(`${path}/${name}`, { headers });
      const plain = await get("vambe-identity.js");
      expect([plain.status, plain.headers["content-encoding"]]).toEqual([200, undefined]);
      expect(plain.text).toContain("VambeIdentify");
      for (const [encoding, decompress] of [
        ["br", brotliDecompressSync],
        ["gzip", gunzipSync],
      ] as const) {
        const answer = await get("vambe-identity.js", { "accept-encoding": encoding });
        expect(answer.headers).toMatchObject({
          "content-encoding": encoding,
          "content-type": "text/javascript; charset=utf-8",
          "cache-control": "public, max-age=300, stale-while-revalidate=86400",
          vary: "Accept-Encoding",
        });
        expect(decompress(answer.bytes).toString()).toBe(plain.text);
        const again = await get("vambe-identity.js", {
          "accept-encoding": encoding,
          "if-none-match": answer.headers.etag ?? "",
        });
        expect([again.status, again.bytes.length]).toEqual([304, 0]);
      }
      const { version } = JSON.parse(
        exchange
          .output()
          .split("\n")
          .find((line) => line.includes('"listening"')) ?? "{}",
      );
      expect((await get(`vambe-identity-${version}.js`)).headers["cache-control"]).toBe(
        "public, max-age=31536000, immutable",
      );
    });

    if (path === "") {
      test("who comes without TLS is led to it, and told to come so from now on", async () => {
        const { status, headers } = await rawRequest(
          `http://127.0.0.1:${proxy.plainPort}/vambe-identity.js`,
          { headers: { host } },
        );
        expect([status, headers.location?.replace(/:\d+/, "")]).toEqual([
          isCaddy ? 308 : 301,
          `https://${host}/vambe-identity.js`,
        ]);
        expect((await proxy.ask("/livez")).headers["strict-transport-security"]).toBe("max-age=31536000");
      });
    } else {
      test("all but the path is the site's own", async () => {
        const site = await proxy.ask("/");
        expect([site.status, site.text, site.headers["strict-transport-security"]]).toEqual([
          200,
          "<title>The shop</title>",
          undefined,
        ]);
        for (const other of ["/vambe-identity.js", "/identify", "/identity-of-ours", "/readyz"])
          expect([other, (await proxy.ask(other)).status]).toEqual([other, 404]);
      });

      test("the path itself is no page: with its slash the exchange says so, without it nginx leads there", async () => {
        const within = await proxy.ask(`${path}/`);
        expect([within.status, within.headers["content-type"]]).toEqual([404, "application/problem+json"]);
        const without = await proxy.ask(path);
        if (isCaddy) expect(without.status).toBe(404);
        else
          expect([without.status, without.headers.location]).toEqual([
            301,
            expect.stringMatching(/^https:\/\/www\.example\.com(:\d+)?\/identity\/$/),
          ]);
      });
    }

    if (isCaddy)
      test("while the exchange is started anew, requests wait for it", async () => {
        const line = bufferingLine();
        const changes = line ? { lb_try_duration: `${line}\nlb_try_duration` } : {};
        await using patient = await startProxy(file, { host, exchanges: [exchange.port], changes });
        await exchange.stop();
        const widget = proxy.ask(`${path}/vambe-identity.js`);
        const identify = patient.ask(`${path}/identify`, identified("ana"));
        await exchange.restart();
        expect([(await widget).status, (await identify).status]).toEqual([200, 200]);
      });
    else
      test("while the exchange is away nginx says 502, and goes on as soon as it is back", async () => {
        await exchange.stop();
        expect((await proxy.ask(`${path}/identify`, identified("ana"))).status).toBe(502);
        await exchange.restart();
        expect((await proxy.ask(`${path}/identify`, identified("ana"))).status).toBe(200);
      });
  });
});
