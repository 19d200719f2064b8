import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AdminWorld, shownIn, startAdminWorld } from "../../support/admin.ts";
import { rawRequest } from "../../support/raw-request.ts";
import { reply, startUpstream } from "../../support/upstream.ts";
import { ORIGIN } from "../../support/world.ts";

const BLOG = "https://blog.example.com";
const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };

let world: AdminWorld;
beforeAll(async () => {
  world = await startAdminWorld({
    environment: { VAMBE_ALLOW_UNVERIFIED: "true", VAMBE_ALLOWED_ORIGINS: `${ORIGIN},${BLOG}` },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

/** The page as it is read: the text between its tags. */
const read = (html: string) =>
  html
    .replace(/<(style|script)\b.*?<\/\1>/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
const open = async (query = "", language = "en") =>
  read((await world.admin.ask(`/${query}`, { headers: { "accept-language": language } })).text);
const identify = (body: object, origin = ORIGIN) =>
  rawRequest(`${world.exchange.url}/identify`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

test("it shows what comes in, what became of it, and which proofs come from where", async () => {
  await world.signIn("ana", jane);
  await world.signIn("ana", jane);
  expect((await identify({ user: { id: "guest" } }, BLOG)).status).toBe(200);
  expect((await identify({ user: { id: "ana" }, proof: world.proofFor("bruno") })).status).toBe(401);
  const { minutes } = await world.admin.state();
  const sum = (part: keyof (typeof minutes)[number]) =>
    minutes.reduce((all, minute) => all + minute[part], 0);
  expect([sum("delivered"), sum("unchanged"), sum("refused")]).toEqual([2, 1, 1]);
  const page = await open();
  expect(page).toMatch(/1 unchanged 2 delivered 0 queued 0 rejected 1 refused/);
  expect(page).toContain("The proof is for another user");
  // What an instance has counted it writes every ten seconds.
  await expect.poll(() => open(), { timeout: 60_000 }).toContain("66.6% of the identifies were proven");
  expect(await open()).toContain(`These pages send no proof: ${BLOG}.`);
  const shares = (await world.admin.state()).ledger;
  expect(shares).toMatchObject({
    proofs: {
      byOrigin: [
        { origin: ORIGIN, proven: 2, refused: 1, counts: { jwt: 2, "proof-other-user": 1 } },
        { origin: BLOG, unproven: 1, counts: { none: 1 } },
      ],
    },
  });
});

test("a user, a request and a problem are found", async () => {
  const answer = (await world.signIn("bruno", jane)).identity();
  const page = await open("?q=bruno");
  expect(page).toMatch(/User bruno State Vambe has all, proven Vambe has email, plan, name/);
  expect(await open(`?q=${answer.request_id}`)).toMatch(
    /POST \/identify was answered with 200 .*delivered, proven \( jwt \)/,
  );
  const refused = await identify({ user: { id: "bruno" }, proof: "x" });
  expect(await open(`?q=${JSON.parse(refused.text).request_id}`)).toMatch(
    /answered with 401 .*The proof is not a JWT of an accepted kind .*Send a compact JWT/,
  );
  expect(await open("?q=proof-expired")).toContain("Sign a new proof for each page load");
  expect(await open("?q=nobody")).toContain("Nothing is known of “nobody”");
});

test("an id is shown as it is, whatever is in it", async () => {
  const id = `"><script>alert(1)</script>{name}</script>&'`;
  await world.signIn(id, jane);
  const { text } = await world.admin.ask(`/?q=${encodeURIComponent(id)}`);
  expect(text).not.toContain("<script>alert");
  expect(text).toContain("&lt;script>alert(1)");
  expect(shownIn(text)).toMatchObject({ query: id, found: { users: [{ userId: id }] } });
});

test("neither a value of a trait nor a proof or a secret is in it", async () => {
  await using upstream = await startUpstream(
    reply(
      400,
      JSON.stringify({ statusCode: 400, message: "Jane Doe (jane@example.com) cannot be a contact" }),
    ),
  );
  await using apart = await startAdminWorld({ apiUrl: upstream.url });
  const proof = apart.proofFor("u", jane);
  expect((await apart.page.identify({ id: "u", ...jane }, proof)).identity().status).toBe("rejected");
  await apart.page.identify({ id: "u", ...jane }, `${proof}x`);
  for (const path of ["/", "/?q=u", "/?ask=forget&user=u", "/state.json", "/metrics"]) {
    const { text, status } = await apart.admin.ask(path);
    expect(status).toBe(200);
    expect(text).not.toMatch(/jane|\bdoe\b|eyJ/i);
    for (const secret of [apart.secret, apart.apiKey, proof]) expect(text).not.toContain(secret);
  }
  expect(read((await apart.admin.ask("/")).text)).toContain("refused (400): … (…) cannot be a contact");
});

test.each([
  ["es-MX,es;q=0.9,en;q=0.5", "es", "Lo que entra"],
  ["pt-BR", "pt", "O que chega"],
  ["fr", "en", "Comes in"],
])("a reader of %s reads it in %s", async (language, lang, words) => {
  const answer = await world.admin.ask("/", { headers: { "accept-language": language } });
  expect(answer.text).toContain(`<html lang="${lang}">`);
  expect(read(answer.text)).toContain(words);
  // Whoever chooses keeps what he has chosen.
  expect(await open("?lang=es", "pt")).toContain("Lo que entra");
});

test("a database that cannot be read is said to be so, and the rest is shown", async () => {
  await using apart = await startAdminWorld();
  await apart.signIn("ana", jane);
  using other = new DatabaseSync(apart.database);
  other.exec("DROP TABLE secret_use");
  const page = read((await apart.admin.ask("/")).text);
  expect(page).toContain("The database cannot be read");
  expect(page).toContain("1 delivered");
});
