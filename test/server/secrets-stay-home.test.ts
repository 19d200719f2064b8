import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { createPage } from "../support/page.ts";
import { inSeconds, signProof } from "../support/proofs.ts";
import { type Misbehaviour, reply, reset, startUpstream } from "../support/upstream.ts";
import { ORIGIN, startWorld } from "../support/world.ts";

const json = { origin: ORIGIN, "content-type": "application/json" };

/** A Vambe that says back all that it was told, key included, in every way an answer can. */
const echo =
  (status: number): Misbehaviour =>
  (socket, seen) =>
    reply(status, JSON.stringify({ message: `${seen.head} ${seen.body}`, id: seen.body }), {
      "x-echo": seen.body.slice(0, 500).replace(/[^\x20-\x7e]/g, ""),
      location: `https://example.com/?${encodeURIComponent(seen.body)}`,
    })(socket, seen);

test("neither the key nor the secret, a proof, a name or an email leaves for the browser or the log", async () => {
  await using upstream = await startUpstream(echo(201));
  await using world = await startWorld({
    apiUrl: upstream.url,
    environment: { VAMBE_FIELDS: "plan,note", VAMBE_SORCE: "typing-error" },
  });
  const proofs: string[] = [];
  let users = 0;
  const person = () => ({
    name: `Secretname${++users}`,
    email: `secret${users}@mail.example`,
    plan: `secretplan${users}`,
    fields: { note: `secretnote${users}`, other: `secretother${users}` },
  });
  const proofOf = (...parts: Parameters<typeof world.proofFor>) => {
    const proof = world.proofFor(...parts);
    proofs.push(proof);
    return proof;
  };
  const signIn = (id: string, traits: object = person()) =>
    world.page.identify({ id, ...traits }, proofOf(id, { ...traits }));

  // It works, is repeated, changes.
  const same = person();
  for (const traits of [same, same, person()]) await signIn("works", traits);

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
  const refused: [unknown, string | undefined, object?][] = [
    [{ id, name, email }, undefined],
    [{ id, name, email }, signProof("y".repeat(40), id, { name, email })],
    [{ id, name, email }, proofOf("another", { name, email })],
    [{ id, name, email }, proofOf(id, { name, email, exp: inSeconds(-500) })],
    [{ id, name, email }, proofOf(id, { name, email, aud: email })],
    [{ id, name, email }, proofOf(id, { name: [name], email: { email } })],
    [{ id, name, email }, proofOf(id, { name, email }, { alg: "none" })],
    [{ id, name, email }, `${proofOf(id, { name, email })}x`],
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
    const answer = await world.page.identify(user, proof, overrides);
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
    if (proof) proofs.push(proof);
  }
  // Who calls a field by a name that says something is told that name again, but nobody else is.
  const asker = createPage(world.exchange.url, ORIGIN);
  for (const fields of [{ [email]: { email } }, { [`${email} ${"x".repeat(80)}`]: "x" }]) {
    expect((await asker.identify({ id }, proofOf(id, { fields }))).status).toBe(401);
    expect((await asker.identify({ id, fields }, proofOf(id))).status).toBe(400);
  }
  for (const path of [
    `/?email=${email}`,
    `/${email}`,
    `/problems/${email}`,
    `/identify?proof=${proofs[0]}`,
  ]) {
    await world.page.send(path, { method: "POST", headers: json, body: "{}" });
  }

  // The database fails.
  const db = new DatabaseSync(world.database);
  const key = db.prepare("SELECT value FROM secret").get()?.value;
  db.exec("DROP TABLE contact");
  db.close();
  await signIn("no-database");
  await world.page.send("/readyz", {});
  await world.exchange.stop();

  const sent = world.page.received();
  const logged = world.exchange.output();
  expect(logged.split("\n").length).toBeGreaterThan(30);
  expect(sent.split("\n").length).toBeGreaterThan(30);
  for (const [where, said] of Object.entries({ sent, logged })) {
    const found = (secret: string) => said.includes(secret) && `${secret} was ${where}`;
    const secrets = [world.apiKey, world.secret, String(JSON.parse(String(key))[0].jwk.d), "y".repeat(40)];
    expect(secrets.filter(found)).toEqual([]);
    const signedParts = proofs
      .flatMap((proof) => proof.split(".").slice(1))
      .filter((part) => part.length > 10);
    expect([...proofs, ...signedParts].filter(found)).toEqual([]);
    expect(said.match(/secret(name|plan|note|other)?\d+.{0,12}/gi) ?? []).toEqual([]);
  }
  // A line of the log is JSON and nothing but, whatever came in: no stack trace, no forged line.
  for (const line of logged.split("\n").filter(Boolean)) expect(() => JSON.parse(line)).not.toThrow();
  expect(logged).not.toMatch(/\\n\s+at /);
});
