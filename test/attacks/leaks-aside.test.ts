import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { runExchange } from "../support/exchange-process.ts";
import { startIssuer } from "../support/issuer.ts";
import { createSecrets, withoutOwnUser } from "../support/secrets.ts";
import { hang, type Misbehaviour, reply, startUpstream } from "../support/upstream.ts";
import { ORIGIN, startWorld } from "../support/world.ts";

/** Where secrets could get out beside answers and everyday logs: other parties, the database, a start, a crash. */

const typed = { "content-type": "application/json" };
const json = { origin: ORIGIN, ...typed };

test("an issuer or a session endpoint that fails, and says back what it was told, makes nothing known", async () => {
  await using issuer = await startIssuer();
  const echo =
    (status: number, headers: Record<string, string> = typed): Misbehaviour =>
    (socket, seen) =>
      reply(status, JSON.stringify({ id: ["x"], email: { seen }, name: [seen.head] }), {
        location: `https://example.com/?${encodeURIComponent(/^cookie: (.*)$/im.exec(seen.head)?.[1] ?? "")}`,
        ...headers,
      })(socket, seen);
  await using site = await startUpstream(echo(200));
  await using world = await startWorld({
    environment: {
      VAMBE_OIDC_ISSUER: issuer.url,
      VAMBE_OIDC_AUDIENCE: "client-1",
      VAMBE_SESSION_URL: `${site.url}/me`,
    },
  });
  const secrets = createSecrets(world.apiKey, world.secret);
  let visitors = 0;
  const visit = (proof?: string) => {
    const cookie = secrets.keep(`sid=a-visitors-session-${++visitors}`);
    return world.page.identify({ id: "u1" }, proof, { headers: { ...json, cookie } });
  };
  const ofIssuer = async (claims: object = {}, header: object = {}) =>
    visit(secrets.keepProof(await issuer.sign({ email: "secret1@mail.example", ...claims }, { ...header })));

  // The site.
  for (const status of [200, 204, 302, 307, 401, 403, 404, 500, 503]) {
    site.behave(echo(status));
    expect((await visit()).status).toBeGreaterThanOrEqual(400);
  }
  for (const behaviour of [echo(200, { "content-type": "text/html" }), reply(200, "{", typed), hang]) {
    site.behave(behaviour);
    expect((await visit()).problem().slug).toBe("issuer-unavailable");
  }
  site.behave(reply(200, '{"id":"u1","email":"secret2@mail.example","name":"Secretname2"}', typed));
  expect((await visit()).status).toBe(200);
  expect(site.seen.length).toBe(visitors);

  // The issuer.
  expect((await ofIssuer()).status).toBe(200);
  for (const claims of [
    { aud: "other" },
    { exp: 1 },
    { sub: "secret3@mail.example" },
    { iss: "secret4@mail.example" },
  ])
    expect((await ofIssuer(claims)).status).toBe(401);
  issuer.misbehave(echo(500), "everything");
  expect((await ofIssuer({}, { kid: "secret5@mail.example" })).problem().slug).toBe("issuer-unavailable");
  issuer.misbehave(reply(302, "", { location: "https://secret6@mail.example/" }), "everything");
  await world.exchange.restart();
  expect((await ofIssuer()).problem().slug).toBe("issuer-unavailable");

  const logged = world.exchange.output();
  expect(world.exchange.log().filter(({ level }) => level === "error").length).toBeGreaterThan(5);
  for (const said of [withoutOwnUser(world.page.received()), logged]) {
    expect(secrets.foundIn(said)).toEqual([]);
    expect(said.match(/secret(name)?\d+.{0,12}/gi) ?? []).toEqual([]);
  }
  // Each of the others knows what it has to, and no more.
  const heard = (seen: unknown) =>
    createSecrets(world.apiKey, world.secret, "sid=").foundIn(JSON.stringify(seen));
  expect(heard(issuer.upstream.seen)).toEqual([]);
  expect(JSON.stringify(issuer.upstream.seen)).not.toMatch(/secret\d|u1|eyJ/);
  expect(new Set(heard(site.seen))).toEqual(new Set(["sid="]));
  expect(JSON.stringify(site.seen)).not.toMatch(/eyJ|u1|x-api-key|authorization/i);
});

test("Vambe gets the key and the contact: no proof, no cookie, no secret, no address of the visitor's", async () => {
  await using vambe = await startUpstream(reply(201, "{}", typed));
  await using world = await startWorld({ apiUrl: vambe.url });
  const secrets = createSecrets(world.secret, "sid=a-visitors-session", "198.51.100.77");
  const proof = secrets.keepProof(world.proofFor("jane", { name: "Jane", jti: "a-jti-of-one-proof" }));
  const headers = { ...json, cookie: "sid=a-visitors-session", "x-forwarded-for": "198.51.100.77" };
  expect((await world.page.identify({ id: "jane" }, proof, { headers })).status).toBe(200);
  expect(vambe.seen.length).toBe(1);
  expect(vambe.seen[0]?.head).toContain(world.apiKey);
  expect(secrets.foundIn(JSON.stringify(vambe.seen))).toEqual([]);
  expect(JSON.stringify(vambe.seen)).not.toContain(ORIGIN);

  // Nor is any of it, or the key, in the database, which counts by page how many were proven.
  secrets.keep(world.apiKey);
  await world.exchange.stop();
  for (const name of readdirSync(world.folder.path))
    expect(secrets.foundIn(readFileSync(world.folder.file(name)).toString("latin1")), name).toEqual([]);
});

test("a start that fails names the settings, and no word of what is in them", async () => {
  const secrets = createSecrets();
  const said: string[] = [];
  const wrong = (text: string) => secrets.keep(`${text}-that-nobody-should-see`);
  for (const environment of [
    {
      VAMBE_API_KEY: `${wrong("key")}\n`,
      VAMBE_IDENTITY_SECRET: `${wrong("one").slice(0, 20)},${wrong("two")}`,
      VAMBE_SIGNING_KEY: `{"kty":"EC","d":"${wrong("private")}"`,
      VAMBE_API_URL: `http://user:${wrong("password")}@vambe.example`,
      VAMBE_SESSION_URL: `ftp://user:${wrong("session")}@site.example`,
      VAMBE_OIDC_ISSUER: `http://user:${wrong("issuer")}@issuer.example`,
      VAMBE_DATABASE_URL: `mysql://user:${wrong("database")}@db.example`,
      VAMBE_CHANNEL_ID: wrong("channel"),
      VAMBE_RATE_LIMIT: wrong("limit"),
    },
    { VAMBE_SIGNING_KEY: JSON.stringify({ kty: "EC", crv: "P-256", d: wrong("scalar"), x: "x", y: "y" }) },
    { VAMBE_API_KEY_FILE: `/nowhere/${wrong("path")}`, VAMBE_IDENTITY_SECRET: "x" },
  ]) {
    const { code, output } = await runExchange(environment);
    expect(code).toBe(1);
    said.push(output);
  }
  expect(said.filter((output) => output.includes("VAMBE_SIGNING_KEY")).length).toBe(2);
  // A path is no secret: without it nobody finds the mistake.
  expect(secrets.foundIn(said.join()).filter((found) => !found.includes("path-that"))).toEqual([]);
});

describe("a crash", () => {
  test.each(["/crash", "/crash?rejected"])(
    "(%s) of which nobody has thought leaves a line in the log, and no secret in it",
    async (path) => {
      const program = fileURLToPath(new URL("../support/crash-on-request.ts", import.meta.url));
      await using world = await startWorld({ environment: { NODE_OPTIONS: `--import=${program}` } });
      const secrets = createSecrets(
        world.apiKey,
        world.secret,
        "sid=a-visitors-session",
        "secret1@mail.example",
      );
      const authorization = `Bearer ${secrets.keepProof(world.proofFor("jane"))}`;
      const headers = {
        ...json,
        authorization,
        cookie: "sid=a-visitors-session",
        from: "secret1@mail.example",
      };
      await world.page.send(path, { headers }).catch(() => "it hangs up");
      await eventually("the exchange has ended", () =>
        world.page.send("/livez", {}).then(
          () => false,
          () => true,
        ),
      );
      const { output, code } = await world.exchange.stop();
      expect(code).toBe(1);
      expect(secrets.foundIn(output)).toEqual([]);
      expect(output).not.toContain("secret1@");
      expect(world.exchange.log().at(-1)).toMatchObject({
        level: "error",
        cause: expect.stringMatching(/E_CRASH/),
      });
    },
  );
});
