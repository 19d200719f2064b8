import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { PROBLEMS } from "../../server/problems.ts";
import { hashUser } from "../../server/sign/sign.ts";
import { createPage } from "../support/page.ts";
import { inSeconds, signProof } from "../support/proofs.ts";
import { createSecrets, withoutOwnUser } from "../support/secrets.ts";
import { type Misbehaviour, reply, reset, startUpstream } from "../support/upstream.ts";
import { ORIGIN, startWorld } from "../support/world.ts";

/** Whoever reads answers or logs looks for what he might use elsewhere. */

const json = { origin: ORIGIN, "content-type": "application/json" };
const form = { origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" };

/** A Vambe that says back all that it was told, key included, in every way an answer can. */
const echo =
  (status: number): Misbehaviour =>
  (socket, seen) =>
    reply(status, JSON.stringify({ message: `${seen.head} ${seen.body}`, id: seen.body }), {
      "x-echo": seen.body.slice(0, 500).replace(/[^\x20-\x7e]/g, ""),
      location: `https://example.com/?${encodeURIComponent(seen.body)}`,
    })(socket, seen);

test("neither key, secret, proof, user_hash, cookie, name nor email leaves for the browser or the log", async () => {
  await using upstream = await startUpstream(echo(201));
  await using world = await startWorld({
    apiUrl: upstream.url,
    environment: { VAMBE_FIELDS: "plan,note", VAMBE_SORCE: "typing-error" },
  });
  const secrets = createSecrets(world.apiKey, world.secret, "y".repeat(40));
  let users = 0;
  const person = () => ({
    name: `Secretname${++users}`,
    email: `secret${users}@mail.example`,
    plan: `secretplan${users}`,
    fields: { note: `secretnote${users}`, other: `secretother${users}` },
  });
  const proofOf = (...parts: Parameters<typeof world.proofFor>) =>
    secrets.keepProof(world.proofFor(...parts));
  const hashOf = (id: string) => secrets.keep(hashUser(id, world.secret));
  const cookie = secrets.keep("sid=a-visitors-session-at-the-site");
  const signIn = (id: string, traits: object = person()) =>
    world.page.identify({ id, ...traits }, proofOf(id, { ...traits }), { headers: { ...json, cookie } });

  // It works, is repeated, changes.
  const same = person();
  for (const traits of [same, same, person()]) await signIn("works", traits);
  expect((await world.page.identify({ id: "hashed", user_hash: hashOf("hashed") })).status).toBe(200);

  // Vambe fails in every way.
  for (const status of [200, 302, 400, 401, 403, 404, 413, 422, 429, 500, 503]) {
    upstream.behave(echo(status));
    await signIn(`vambe-${status}`);
  }
  for (const fault of [reset(), reset("HTTP/1.1 201 Cre"), reply(201, "<html>")] as Misbehaviour[]) {
    upstream.behave(fault);
    await signIn("vambe-broken");
  }
  upstream.behave(echo(400));
  await world.exchange.restart();
  await signIn("after-restart");

  // The page fails in every way.
  const id = "page";
  const { name, email } = person();
  const user_hash = hashOf(id);
  const refused: [unknown, string | undefined, object?][] = [
    [{ id, name, email }, undefined],
    [{ id, name, email }, secrets.keepProof(signProof("y".repeat(40), id, { name, email }))],
    [{ id, name, email }, proofOf("another", { name, email })],
    [{ id, name, email }, proofOf(id, { name, email, exp: inSeconds(-500) })],
    [{ id, name, email }, proofOf(id, { name, email, aud: email })],
    [{ id, name, email }, proofOf(id, { name: [name], email: { email }, act: email })],
    [{ id, name, email }, proofOf(id, { name, email }, { alg: "none" })],
    [{ id, name, email }, proofOf(id, { name, email }, { kid: [email] })],
    [{ id, name, email }, secrets.keepProof(`${proofOf(id, { name, email })}x`)],
    [{ id: "another", name, email, user_hash }, undefined],
    [{ id, name, email, user_hash: secrets.keep(`${user_hash.slice(0, -2)}zz`) }, undefined],
    [{ id, name, email, user_hash: { user_hash } }, undefined],
    [{ id, user_hash }, secrets.keepProof(signProof("y".repeat(40), id, { email }))],
    [{ id: 7, user_hash }, user_hash],
    [{ id, name: [name], email: { email } }, proofOf(id)],
    [{ id: { email }, name }, proofOf(id)],
    [[email], proofOf(id)],
    [{ id, name, email }, proofOf(id), { headers: { ...json, origin: `https://${email}` } }],
    [{ id, name, email }, proofOf(id), { headers: { ...json, "content-type": email } }],
    [{ id, name, email }, proofOf(id), { body: `{"user":{"email":"${email}"` }],
    [{ id, name, email }, proofOf(id), { body: JSON.stringify({ user: { id, name: name.repeat(5000) } }) }],
    [{ id, name, email }, proofOf(id), { method: "PUT" }],
  ];
  for (const [user, proof, overrides] of refused) {
    const answer = await world.page.identify(user, proof, { headers: { ...json, cookie }, ...overrides });
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
  }
  // Who calls a field by a name that says something is told that name again, but nobody else is.
  const asker = createPage(world.exchange.url, ORIGIN);
  for (const [fields, status] of [
    [{ [email]: { email } }, 200],
    [{ [`${email} ${"x".repeat(80)}`]: "x" }, 400],
  ] as const) {
    expect((await asker.identify({ id }, proofOf(id, { fields }))).status).toBe(200);
    expect((await asker.identify({ id, fields }, proofOf(id))).status).toBe(status);
  }

  // POST /token, well and badly.
  const good = {
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
  };
  const tokenWith = async (changes: Record<string, string>, headers: Record<string, string> = form) => {
    const subject_token = proofOf("token", { name, email });
    const body = new URLSearchParams({ ...good, subject_token, ...changes }).toString();
    return (await world.page.send("/token", { method: "POST", headers: { ...headers, cookie }, body }))
      .status;
  };
  expect(await tokenWith({})).toBe(200);
  for (const changes of [
    { grant_type: email },
    { subject_token_type: email },
    { requested_token_type: email },
    { audience: `https://${email}` },
    { actor_token: proofOf("actor") },
    { subject_token: email },
    { subject_token: secrets.keepProof(signProof("y".repeat(40), "token", { email })) },
    { subject_token: proofOf("token", { email, exp: inSeconds(-500) }) },
    { subject_token: proofOf([email]) },
    { subject_token: proofOf("token", { act: { email } }) },
  ])
    expect(await tokenWith(changes as Record<string, string>)).toBe(400);
  expect(await tokenWith({}, { ...form, origin: `https://${email}` })).toBe(403);
  expect(await tokenWith({}, { ...form, "content-type": email })).toBe(400);

  // What stands in the address.
  for (const method of ["GET", "POST", "DELETE"]) {
    for (const path of [
      `/?email=${email}`,
      `/${email}`,
      `/problems/${email}`,
      `/identify?proof=${proofOf(id)}&user_hash=${user_hash}`,
      `/token?subject_token=${proofOf(id)}`,
      `/livez?email=${email}`,
      `/${proofOf(id)}`,
      ...Object.keys(PROBLEMS).map((slug) => `/problems/${slug}?email=${email}&proof=${proofOf(id)}`),
    ])
      await world.page.send(path, { method, headers: { ...json, cookie } });
  }

  // The database fails.
  const db = new DatabaseSync(world.database);
  const key = db.prepare("SELECT value FROM secret WHERE name = 'signing-keys'").get()?.value;
  secrets.keep(String(JSON.parse(String(key))[0].jwk.d));
  db.exec("DROP TABLE contact");
  db.close();
  await signIn("no-database");
  await tokenWith({});
  await world.page.send("/readyz", {});
  await world.exchange.stop();

  const sent = world.page.received();
  const logged = world.exchange.output();
  expect(logged.split("\n").length).toBeGreaterThan(60);
  expect(sent.split("\n").length).toBeGreaterThan(120);
  for (const said of [withoutOwnUser(sent), logged]) {
    expect(secrets.foundIn(said)).toEqual([]);
    expect(said.match(/secret(name|plan|note|other)?\d+.{0,12}/gi) ?? []).toEqual([]);
  }
  // A line of the log is JSON and nothing but, whatever came in: no stack trace, no forged line.
  for (const line of logged.split("\n").filter(Boolean)) expect(() => JSON.parse(line)).not.toThrow();
  expect(logged).not.toMatch(/\\n\s+at /);
});
