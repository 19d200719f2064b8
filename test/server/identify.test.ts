import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({
    environment: { VAMBE_FIELDS: "plan,seats:licences,nowhere" },
    vambe: { fields: [{ key: "plan" }, { key: "licences" }] },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const upsertsOf = (id: string) =>
  world.vambe.standIn.upserts().filter(({ body }) => JSON.stringify(body).includes(`"${id}"`));
const contactOf = (id: string) =>
  world.vambe.standIn.contacts().find(({ external_user_id }) => external_user_id === id);
const jane = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };

describe("a signed-in user", () => {
  test("becomes a contact at Vambe, with all that the backend has signed", async () => {
    const answer = (await world.signIn("jane", { ...jane, fields: { seats: 3 } })).identity();
    expect(answer).toMatchObject({
      status: "delivered",
      user: { id: "jane", verified: true },
      ignored: [],
    });
    expect([...answer.applied].sort()).toEqual(["email", "name", "plan", "seats"]);
    expect(answer.expires_at).toBeGreaterThan(Date.now() / 1000);
    expect(contactOf("jane")).toMatchObject({
      contact: { name: "Jane Doe", email: "jane@example.com", platform: "webchat" },
      channel_id: world.channelId,
      fields: { plan: "premium", licences: "3" },
      meta_data: { source: "vambe-identity", verified: true },
    });
  });

  test("who reloads the page is unchanged: Vambe is not called again", async () => {
    await world.signIn("reload", jane);
    for (let reload = 0; reload < 5; reload++) {
      expect((await world.signIn("reload", jane)).identity().status).toBe("unchanged");
    }
    expect(upsertsOf("reload").length).toBe(1);
  });

  test("who changes the plan causes exactly one upsert", async () => {
    await world.signIn("upgrade", jane);
    expect((await world.signIn("upgrade", { ...jane, plan: "enterprise" })).identity().status).toBe(
      "delivered",
    );
    expect((await world.signIn("upgrade", { ...jane, plan: "enterprise" })).identity().status).toBe(
      "unchanged",
    );
    expect(upsertsOf("upgrade").length).toBe(2);
    expect(contactOf("upgrade")?.fields.plan).toBe("enterprise");
    expect(contactOf("upgrade")?.contact.name).toBe("Jane Doe");
  });

  test("who goes back to the plan from before is sent again", async () => {
    for (const plan of ["a", "b", "a"]) {
      expect((await world.signIn("back", { plan })).identity().status).toBe("delivered");
    }
    expect(contactOf("back")?.fields.plan).toBe("a");
  });

  test("on whom a page says nothing of its own has what the backend says", async () => {
    const answer = await world.page.identify({ id: "quiet" }, world.proofFor("quiet", jane));
    expect([...answer.identity().applied].sort()).toEqual(["email", "name", "plan"]);
    expect(contactOf("quiet")).toMatchObject({ contact: { name: "Jane Doe" }, fields: { plan: "premium" } });
  });

  test("whose page claims more than the backend signed gets no more", async () => {
    const claimed = { id: "greedy", ...jane, plan: "enterprise", fields: { seats: 999 } };
    const { applied, ignored } = (
      await world.page.identify(claimed, world.proofFor("greedy", { name: "Jane Doe" }))
    ).identity();
    expect(applied).toEqual(["name"]);
    expect(ignored.map(({ trait, reason }) => `${trait} ${reason}`).sort()).toEqual([
      "email unproven",
      "plan unproven",
      "seats unproven",
    ]);
    expect(contactOf("greedy")?.fields).toEqual({});
    expect(contactOf("greedy")?.contact.email).toBeNull();
  });

  test("with a custom field that Vambe does not have arrives without it, and is told so", async () => {
    for (const status of ["delivered", "unchanged"]) {
      const answer = (await world.signIn("partly", { name: "P", fields: { nowhere: "x" } })).identity();
      expect(answer).toMatchObject({
        status,
        applied: ["name"],
        ignored: [{ trait: "nowhere", reason: "missing-at-vambe" }],
      });
    }
    expect(contactOf("partly")?.contact.name).toBe("P");
  });

  test("with a number for an id is the user with those digits", async () => {
    expect((await world.page.identify({ id: 4711 }, world.proofFor(4711))).identity().user.id).toBe("4711");
    expect((await world.page.identify({ id: "4711" }, world.proofFor("4711"))).identity().status).toBe(
      "unchanged",
    );
    expect(contactOf("4711")).toBeDefined();
  });

  test.each([
    "José Núñez",
    "李雷",
    "👩‍👩‍👧",
    "O'Brien; DROP TABLE contact",
    "<img src=x onerror=alert(1)>",
    "\u202egnp",
  ])("called %s arrives letter by letter", async (name) => {
    await world.signIn(`name ${name}`, { name });
    expect(contactOf(`name ${name}`)?.contact.name).toBe(name);
  });

  test("who comes 200 times at once causes one upsert", async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => world.signIn("burst", jane)));
    // A machine that is busy elsewhere takes more than the two seconds that a page waits: then some are told `queued`.
    for (const answer of answers) expect(answer.identity().status).toMatch(/^(delivered|unchanged|queued)$/);
    const settled = async () => (await world.signIn("burst", jane)).identity().status === "unchanged";
    await eventually("Vambe has it", settled);
    expect(upsertsOf("burst").length).toBe(1);
  });

  test("has a token that is reused within its first half, for this page alone", async () => {
    const first = (await world.signIn("token")).identity().token;
    expect((await world.signIn("token")).identity().token).toBe(first);
    expect((await world.signIn("token2")).identity().token).not.toBe(first);
  });
});

describe("a user who is refused", () => {
  test("leaves no half of a contact behind", async () => {
    await world.page.identify({ id: "refused", ...jane });
    await world.page.identify({ id: "refused", ...jane }, world.proofFor("someone else", jane));
    await world.page.identify(
      { id: "refused", ...jane },
      world.proofFor("refused", { ...jane, act: "support" }),
    );
    expect(upsertsOf("refused")).toEqual([]);
    expect((await world.signIn("refused", jane)).identity().status).toBe("delivered");
  });
});

describe("where unproven users are let in", () => {
  test("they are marked, their traits are ignored, and who has been proven stays as proven", async () => {
    await using open = await startWorld({ environment: { VAMBE_ALLOW_UNVERIFIED: "true" } });
    const claimed = { id: "u", ...jane };
    const answer = (await open.page.identify(claimed)).identity();
    expect(answer).toMatchObject({ status: "delivered", user: { verified: false }, applied: [] });
    expect(answer.ignored.map(({ reason }) => reason)).toEqual(["unproven", "unproven", "unproven"]);
    const contact = () => open.vambe.standIn.contacts()[0];
    expect(contact()).toMatchObject({ contact: { name: null }, meta_data: { verified: false }, fields: {} });

    await open.signIn("u", jane);
    expect(contact()).toMatchObject({ contact: { name: "Jane Doe" }, meta_data: { verified: true } });
    expect((await open.page.identify(claimed)).identity().user.verified).toBe(false);
    expect(contact()?.meta_data.verified).toBe(true);
    expect((await open.page.identify(claimed, "forged")).status).toBe(401);
  });

  test("and their traits too, the answer does not claim that those replace proven ones", async () => {
    await using open = await startWorld({
      environment: { VAMBE_ALLOW_UNVERIFIED: "true", VAMBE_UNPROVEN_TRAITS: "apply" },
    });
    expect((await open.page.identify({ id: "u", plan: "free" })).identity().applied).toEqual(["plan"]);
    await open.signIn("u", jane);
    const answer = (await open.page.identify({ id: "u", name: "Mallory", plan: "enterprise" })).identity();
    expect(open.vambe.standIn.contacts()[0]).toMatchObject({
      contact: { name: "Jane Doe" },
      fields: { plan: "premium" },
    });
    expect(answer.applied).toEqual([]);
    expect(answer.ignored.map(({ trait }) => trait).sort()).toEqual(["name", "plan"]);
  });
});
