import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readOptions } from "../../../server/settings/environment.ts";
import { type AdminWorld, formTokenIn, startAdminWorld } from "../../support/admin.ts";
import { runExchange } from "../../support/exchange-process.ts";
import { freePort } from "../../support/free-port.ts";
import { rawRequest } from "../../support/raw-request.ts";
import { reply, startUpstream } from "../../support/upstream.ts";
import { freshSettings } from "../../support/world.ts";

const PATHS = ["/", "/state.json", "/metrics", "/page.js"];

describe("on this machine, without a token", () => {
  let world: AdminWorld;
  beforeAll(async () => {
    world = await startAdminWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test.each(PATHS)("%s is there", async (path) => {
    expect((await world.admin.ask(path)).status).toBe(200);
    const { port } = world.admin;
    expect((await world.admin.ask(path, { headers: { host: `localhost:${port}` } })).status).toBe(200);
  });

  test("what is not there says what is", async () => {
    const answer = await world.admin.ask("/identify", { method: "POST" });
    expect([answer.status, answer.text]).toEqual([404, expect.stringContaining("/metrics")]);
  });

  test("another address of the machine does not lead here", async () => {
    await expect(rawRequest(`http://127.0.0.2:${world.admin.port}/`)).rejects.toThrow();
  });

  test("nothing of it is at the exchange's own port", async () => {
    for (const path of ["/state.json", "/metrics", "/page.js"])
      expect((await rawRequest(world.exchange.url + path)).status).toBe(404);
  });

  test.each(["evil.example.com", "127.0.0.1.nip.example", "0.0.0.0"])(
    "a name that was made to lead here is refused: %j",
    async (host) => {
      for (const path of PATHS) {
        const answer = await world.admin.ask(path, { headers: { host } });
        expect(answer.status).toBe(403);
        expect(answer.text).not.toContain(world.channelId);
      }
    },
  );

  test.each([
    ["without the form's token", { form_token: "" }, {}],
    ["with a made-up token", { form_token: randomBytes(24).toString("base64url") }, {}],
    ["from another page", {}, { origin: "https://evil.example.com" }],
    ["from a page that hides where it is", {}, { origin: "null" }],
    ["from another site, by a browser's own word", {}, { "sec-fetch-site": "cross-site" }],
    ["from another port of this machine", {}, { "sec-fetch-site": "same-site" }],
  ])("nothing is done %s", async (_, form, headers) => {
    await world.signIn("stays", { name: "Jane Doe" });
    const answer = await world.admin.submit({ action: "forget", user: "stays", ...form }, { headers });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining("Load the page again")]);
    expect((await world.admin.find("stays"))?.users).toHaveLength(1);
  });

  test("nothing is done by a link", async () => {
    await world.signIn("linked", { name: "Jane Doe" });
    const token = formTokenIn((await world.admin.ask("/?ask=forget&user=linked")).text);
    expect(token).not.toBe("");
    const answer = await world.admin.ask(`/act?form_token=${token}&action=forget&user=linked`);
    expect(answer.status).toBe(404);
    expect((await world.admin.find("linked"))?.users).toHaveLength(1);
  });

  test("no other page can read it, frame it, or lend it a script", async () => {
    const { headers } = await world.admin.ask("/", { headers: { origin: "https://evil.example.com" } });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
    expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
  });
});

describe("with a token", () => {
  const token = randomBytes(32).toString("hex");
  let world: AdminWorld;
  beforeAll(async () => {
    world = await startAdminWorld({
      environment: { VAMBE_ADMIN_HOST: "0.0.0.0", VAMBE_ADMIN_TOKEN: token },
    });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const basic = (password: string, user = "") =>
    `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

  test.each(PATHS)("%s wants it", async (path) => {
    const answer = await world.admin.ask(path);
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toMatch(/^Basic /);
    expect(answer.text).not.toContain(world.channelId);
  });

  test("a browser gives it as the password, Prometheus as a bearer, by any name of the machine", async () => {
    for (const authorization of [basic(token), basic(token, "ops"), `Bearer ${token}`]) {
      const answer = await world.admin.ask("/", { headers: { authorization, host: "ops.example.com" } });
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining(world.channelId)]);
      expect(answer.text).not.toContain(token);
    }
  });

  test.each([
    ["another", `Bearer ${randomBytes(32).toString("hex")}`],
    ["half of it", `Bearer ${token.slice(0, 32)}`],
    ["none", "Bearer "],
    ["it as the user's name", basic("", token)],
    ["another scheme", `Digest ${token}`],
    ["what is no base64", "Basic !!!"],
  ])("%s is refused", async (_, authorization) => {
    expect((await world.admin.ask("/", { headers: { authorization } })).status).toBe(401);
  });
});

describe("settings", () => {
  const start = (changes: Record<string, string>) =>
    runExchange({ ...freshSettings().environment, PORT: "8787", VAMBE_ADMIN_PORT: "9787", ...changes });

  test.each([
    ["beyond this machine without a token", { VAMBE_ADMIN_HOST: "0.0.0.0" }, "VAMBE_ADMIN_TOKEN is required"],
    ["beyond this machine by IPv6", { VAMBE_ADMIN_HOST: "::" }, "VAMBE_ADMIN_TOKEN is required"],
    ["a short token", { VAMBE_ADMIN_TOKEN: "hunter2" }, "VAMBE_ADMIN_TOKEN must be at least 32"],
    ["a token with a line break", { VAMBE_ADMIN_TOKEN: "a b".repeat(20) }, "VAMBE_ADMIN_TOKEN must be"],
    ["the exchange's own port", { VAMBE_ADMIN_PORT: "8787" }, "VAMBE_ADMIN_PORT must be another port"],
    ["no port", { VAMBE_ADMIN_PORT: "9787x" }, "VAMBE_ADMIN_PORT must be a port number"],
  ])("%s stops the start", async (_, changes, said) => {
    const { code, output } = await start(changes);
    expect([code, output]).toEqual([1, expect.stringContaining(said)]);
    expect(output).not.toContain("hunter2");
  });

  test("a port that is taken, and an address of another machine, are named by their settings", async () => {
    await using taken = await startUpstream(reply(204));
    const port = new URL(taken.url).port;
    const free = { PORT: `${await freePort()}` };
    expect((await start({ ...free, VAMBE_ADMIN_PORT: port })).output).toContain(
      "cannot start. The port in VAMBE_ADMIN_PORT is taken",
    );
    const elsewhere = { ...free, VAMBE_ADMIN_HOST: "192.0.2.1", VAMBE_ADMIN_TOKEN: "t".repeat(40) };
    expect((await start(elsewhere)).output).toContain("VAMBE_ADMIN_HOST is not an address of this machine");
  });

  test("in an app that mounts the exchange they have no effect, and the app hears of it", () => {
    const { environment } = freshSettings();
    const { strangers } = readOptions(
      { ...environment, VAMBE_PUBLIC_URL: "https://id.example.com", VAMBE_ADMIN_PORT: "9787" },
      {},
    );
    expect(strangers).toEqual([expect.stringMatching(/^VAMBE_ADMIN_PORT has an effect with .*serve/)]);
  });
});
