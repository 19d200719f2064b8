import { mkdirSync, readFileSync } from "node:fs";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROBLEMS } from "../../server/problems.ts";
import { LIMITS } from "../../server/protocol.ts";
import { eventually } from "../support/eventually.ts";
import { startWorld, type World } from "../support/world.ts";
import { LANGUAGES, run } from "./languages.ts";
import { openPage, readRecipes } from "./recipes.ts";

const recipes = readRecipes();
const JANE = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };
const ID = "user-abc-123";
/** Would end the script, or swallow what follows it, in a page that does not escape. */
const HOSTILE = "</script><!--<script>&amp;";
const NAME = "José 李 👩‍🚀";
/** Go compiles its standard library the first time, on a machine with little to spare. */
const PATIENCE_MS = 300_000;
/** Recipes that a run must not skip: .ci/run names those whose libraries it has installed. */
const required = new Set(process.env.VAMBE_TEST_RECIPES?.split(","));

describe.each(Object.entries(LANGUAGES))("the recipe for %s", (name, language) => {
  const missing = required.has(name) ? undefined : language.missing;
  const title = (words: string) => (missing ? `${words} (not run: ${missing})` : words);
  const program = recipes.get(name) ?? "";
  let world: World;
  const runIn = (folder: string, text: string) => {
    mkdirSync(world.folder.file(folder));
    return openPage(run(text, language, world.folder.file(folder), { VAMBE_IDENTITY_SECRET: world.secret }));
  };
  const contactOf = (id: string) =>
    eventually("Vambe has the contact", () =>
      world.vambe.standIn.contacts().find((contact) => contact.external_user_id === id),
    );

  beforeAll(async () => {
    if (!missing) world = await startWorld();
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  test.skipIf(missing)(
    title("makes a proof that the exchange accepts, with every trait"),
    async () => {
      const { id, proof } = runIn("as-it-stands", program);
      const answer = (await world.page.identify({ id }, proof)).identity();
      expect(answer).toMatchObject({ user: { id: ID, verified: true }, ignored: [] });
      expect(answer.applied.toSorted()).toEqual(["email", "name", "plan"]);
      const contact = await contactOf(ID);
      const { plan, ...own } = JANE;
      expect(contact).toMatchObject({ external_user_id: ID, contact: own, fields: { plan } });

      const { typ = "JWT", ...header } = decodeProtectedHeader(String(proof));
      expect({ ...header, typ }).toEqual({ alg: "HS256", typ: "JWT" });
      const { sub, aud, iat = 0, exp = 0, jti } = decodeJwt(String(proof));
      expect({ sub, aud: [aud].flat(), life: exp - iat }).toEqual({
        sub: ID,
        aud: ["vambe-identity"],
        life: 600,
      });
      expect(jti).toMatch(/^[\da-f-]{32,36}$/);
    },
    PATIENCE_MS,
  );

  test.skipIf(missing)(
    title("hands over what a user has typed, whatever it is"),
    async () => {
      const typed = program.replace(ID, HOSTILE).replace(JANE.name, NAME);
      const { id, proof } = runIn("hostile", typed);
      expect(id).toBe(HOSTILE);
      expect((await world.page.identify({ id }, proof)).identity().user.id).toBe(HOSTILE);
      expect(await contactOf(HOSTILE)).toMatchObject({ contact: { name: NAME } });
    },
    PATIENCE_MS,
  );

  test.skipIf(missing)(
    title("stops where there is no secret"),
    () => {
      mkdirSync(world.folder.file("no-secret"));
      expect(() => run(program, language, world.folder.file("no-secret"), {})).toThrow(
        /VAMBE_IDENTITY_SECRET|secret/,
      );
    },
    PATIENCE_MS,
  );
});

describe("docs/signing.md", () => {
  const text = readFileSync(new URL("../../docs/signing.md", import.meta.url), "utf8");

  test("has the recipes that are tested, and no other", () => {
    expect([...recipes.keys()]).toEqual(Object.keys(LANGUAGES));
  });

  test.each([...recipes])(
    "reads the secret from the environment and signs what it should: %s",
    (_, program) => {
      for (const words of ["VAMBE_IDENTITY_SECRET", ID, ...Object.values(JANE)])
        expect(program).toContain(words);
    },
  );

  test("names every way in which a proof is refused", () => {
    const slugs = Object.keys(PROBLEMS).filter((slug) => slug.startsWith("proof-"));
    const named = slugs.filter((slug) => text.includes(`| \`${slug}\` |`));
    expect(slugs.filter((slug) => !named.includes(slug))).toEqual(["proof-missing"]);
  });

  test("states the bounds that hold", () => {
    expect(text).toContain(`at most ${LIMITS.proof} characters`);
    expect(text).toContain(
      `\`name\` and \`plan\` may have ${LIMITS.name} characters, \`email\` ${LIMITS.email}; there may be ${LIMITS.fields} \`fields\`, with names of ${LIMITS.fieldName} and values of ${LIMITS.fieldValue}.`,
    );
  });
});
