import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startIssuer } from "../support/issuer.ts";
import { startPostgres } from "../support/postgres.ts";
import { mistakesByTheDocument } from "../support/upsert-document.ts";
import { startWorld, type World } from "../support/world.ts";

/** A phone that is proven: a custom field of its own, and the contact on WhatsApp beside the webchat's. */

const SENDER = "+5511300000000";
const FIELDS = [{ key: "user_id", identifier: true }, { key: "phone" }, { key: "plan" }];
const SETTINGS = {
  VAMBE_FIELDS: "id:user_id,phone,plan",
  VAMBE_PHONE_COUNTRY: "BR",
  VAMBE_WHATSAPP_PHONE: "+55 (11) 3000-00000",
};

let world: World;
beforeAll(async () => {
  world = await startWorld({ environment: SETTINGS, vambe: { fields: FIELDS, senders: [SENDER] } });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const contactsOf = (id: string, { vambe } = world) => {
  const all = vambe.standIn.contacts().filter(({ fields }) => fields.user_id === id);
  const on = (platform: string) => all.filter(({ contact }) => contact.platform === platform);
  return { webchat: on("webchat")[0], whatsapp: on("whatsapp"), web: on("web-whatsapp") };
};
const onWhatsapp = (id: string, of = world) =>
  expect.poll(() => contactsOf(id, of).whatsapp.map(({ contact }) => contact.phone));

describe("a proven phone", () => {
  test("makes the contact on WhatsApp too, of the same customer, with all that is known", async () => {
    const traits = { name: "Jane", email: "jane@example.com", plan: "pro", phone: "(11) 98765-4321" };
    const answer = (await world.signIn("jane", traits)).identity();
    expect(answer).toMatchObject({
      status: "delivered",
      applied: expect.arrayContaining(["phone"]),
      ignored: [],
    });
    await onWhatsapp("jane").toEqual(["+5511987654321"]);
    const { webchat, whatsapp } = contactsOf("jane");
    expect(webchat?.fields).toEqual({ user_id: "jane", phone: "+5511987654321", plan: "pro" });
    expect(whatsapp[0]?.contact).toMatchObject({ name: "Jane", email: "jane@example.com" });
    expect(whatsapp[0]?.contact.ai_customer_id).toBe(webchat?.contact.ai_customer_id);
    expect(whatsapp[0]?.meta_data).toMatchObject({ verified: true });
  });

  test("costs no call where nothing has changed, however it is written", async () => {
    await world.signIn("again", { phone: "+5511911112222" });
    await onWhatsapp("again").toEqual(["+5511911112222"]);
    const before = world.vambe.standIn.upserts().length;
    for (const phone of ["(11) 91111-2222", "0 11 91111-2222", "5511911112222"])
      expect((await world.signIn("again", { phone })).identity().status).toBe("unchanged");
    expect(world.vambe.standIn.upserts().length).toBe(before);
  });

  test("that has changed is another contact, and one that is `null` empties the field and leaves WhatsApp alone", async () => {
    await world.signIn("moves", { phone: "+5511933334444" });
    await world.signIn("moves", { phone: "+525512345678" });
    await onWhatsapp("moves").toEqual(["+5511933334444", "+525512345678"]);
    const answer = (await world.signIn("moves", { phone: null })).identity();
    expect(answer).toMatchObject({ status: "delivered", applied: ["phone"], ignored: [] });
    expect(contactsOf("moves").webchat?.fields.phone).toBe("");
    await world.signIn("moves", { name: "Mo" });
    expect(contactsOf("moves").whatsapp.length).toBe(2);
  });

  test("that is none is left out by itself, and said", async () => {
    const answer = (await world.signIn("odd", { name: "Odd", phone: "call me" })).identity();
    expect(answer).toMatchObject({
      status: "delivered",
      applied: ["name"],
      ignored: [{ trait: "phone", reason: "not-a-phone" }],
    });
    const listed = (
      await world.page.identify({ id: "odd" }, world.proofFor("odd", { phone: ["1"] }))
    ).identity();
    expect(listed.ignored).toContainEqual({ trait: "phone", reason: "not-valid" });
    expect(contactsOf("odd").whatsapp).toEqual([]);
  });

  test("is each body that Vambe's document takes", () => {
    const bodies = world.vambe.standIn.upserts().map(({ body }) => body);
    expect(bodies.some((body) => Object(body).channel === "whatsapp")).toBe(true);
    for (const body of bodies) expect(mistakesByTheDocument(body)).toEqual([]);
  });
});

describe("a phone that is only said", () => {
  test("reaches nobody", async () => {
    const said = { id: "said", phone: "+5511955556666" };
    const answer = (await world.page.identify(said, world.proofFor("said"))).identity();
    expect(answer.ignored).toEqual([{ trait: "phone", reason: "unproven" }]);
    const signed = world.proofFor("said", { phone: "+5511955557777" });
    const other = (await world.page.identify(said, signed)).identity();
    expect(other.ignored).toEqual([{ trait: "phone", reason: "differs-from-proof" }]);
    await onWhatsapp("said").toEqual(["+5511955557777"]);
  });

  test("is the proven one where it is only written in another way", async () => {
    const said = { id: "same", phone: "11 95555-8888" };
    const proof = world.proofFor("same", { phone: "+5511955558888" });
    expect((await world.page.identify(said, proof)).identity().ignored).toEqual([]);
  });

  test("does not make a contact on WhatsApp where the operator lets pages say what they like", async () => {
    await using open = await startWorld({
      environment: { ...SETTINGS, VAMBE_UNPROVEN_TRAITS: "apply", VAMBE_ALLOW_UNVERIFIED: "true" },
      vambe: { fields: FIELDS },
    });
    await open.page.identify({ id: "said", phone: "+5511955556666" }, open.proofFor("said"));
    await open.page.identify({ id: "nobody", phone: "+5511955556666" });
    expect(contactsOf("said", open).webchat?.fields.phone).toBe("+5511955556666");
    await open.signIn("proven", { phone: "+5511955559999" });
    await onWhatsapp("proven", open).toEqual(["+5511955559999"]);
    expect(
      open.vambe.standIn.contacts().filter(({ contact }) => contact.platform === "whatsapp").length,
    ).toBe(1);
  });

  test("is OpenID Connect's `phone_number` in a backend's proof, but not where that says it is unverified", async () => {
    const proof = (verified?: boolean) =>
      world.proofFor("oidc", {
        phone_number: "+5511944443333",
        ...(verified !== undefined && { phone_number_verified: verified }),
      });
    await world.page.identify({ id: "oidc" }, proof(false));
    expect(contactsOf("oidc").webchat?.fields.phone).toBeUndefined();
    await world.page.identify({ id: "oidc" }, proof());
    await onWhatsapp("oidc").toEqual(["+5511944443333"]);
  });
});

test("of an ID token, `phone_number` counts with `phone_number_verified`", async () => {
  await using issuer = await startIssuer();
  await using site = await startWorld({
    environment: { ...SETTINGS, VAMBE_OIDC_ISSUER: issuer.url, VAMBE_OIDC_AUDIENCE: "shop" },
    vambe: { fields: FIELDS },
  });
  const identify = async (sub: string, claims: object) =>
    site.page.identify(
      { id: sub },
      await issuer.sign({ sub, aud: "shop", phone_number: "+5511922221111", ...claims }),
    );
  const unverified = (await identify("no", {})).identity();
  expect(unverified.ignored).toEqual([{ trait: "phone", reason: "not-verified" }]);
  await identify("no", { phone_number_verified: false });
  await identify("yes", { phone_number_verified: true });
  await onWhatsapp("yes", site).toEqual(["+5511922221111"]);
  expect(contactsOf("no", site).whatsapp).toEqual([]);
});

describe("the two deliveries of a user are settled apart:", () => {
  test("a sender that Vambe does not know holds up nobody in the webchat, and all of it goes once it is right", async () => {
    const senders: string[] = [];
    await using site = await startWorld({ environment: SETTINGS, vambe: { fields: FIELDS, senders } });
    for (let number = 0; number < 8; number++) {
      const phone = `+551197000000${number}`;
      const answer = (await site.signIn(`user-${number}`, { plan: `${number}`, phone })).identity();
      expect(answer.status).toBe("delivered");
    }
    await expect
      .poll(async () => (await site.command(["outbox", "list"])).output)
      .toMatch(/whatsapp:\+5511300000000.*No whatsapp channel/s);
    const ready = JSON.parse((await site.page.send("/readyz", {})).text);
    expect(ready.deliveries).toMatchObject({ paused: true, because: "refused", channel: "whatsapp" });
    expect((await site.signIn("user-0", { plan: "0", phone: "+5511970000000" })).identity().status).toBe(
      "unchanged",
    );
    senders.push(SENDER);
    await site.command(["outbox", "retry", "--all"]);
    await expect.poll(() => contactsOf("user-7", site).whatsapp.length).toBe(1);
    await expect.poll(async () => (await site.command(["outbox", "list"])).output).toMatch(/nothing waits/i);
    const said = site.exchange.log().filter(({ channel }) => channel === "whatsapp");
    expect(said.length).toBeGreaterThan(0);
    expect(JSON.stringify(site.exchange.log())).not.toMatch(/97000000/);
  });

  test("what waits under a mistyped sender is named at the start, and moved to the right one", async () => {
    await using site = await startWorld({
      environment: SETTINGS,
      vambe: { fields: FIELDS, senders: ["+5511311111111"] },
    });
    await site.signIn("typed", { phone: "+5511970000009" });
    await expect
      .poll(async () => (await site.command(["outbox", "list"])).output)
      .toMatch(/rejected|pending/);
    await site.command(["backup", site.folder.file("copy.db")]);
    await using right = await startWorld({
      apiUrl: site.vambe.url,
      environment: {
        ...SETTINGS,
        VAMBE_API_KEY: site.apiKey,
        VAMBE_CHANNEL_ID: site.channelId,
        VAMBE_DATABASE_URL: `file:${site.folder.file("copy.db")}`,
        VAMBE_WHATSAPP_PHONE: "+5511311111111",
      },
    });
    const named = right.exchange.log().map(({ event }) => String(event));
    expect(named.join("\n")).toMatch(/rows of other channels \(whatsapp:\+5511300000000\).*outbox move/);
    const moved = await right.command(["outbox", "move", "--from", "whatsapp:+5511300000000", "--all"], {
      VAMBE_DATABASE_URL: `file:${site.folder.file("copy.db")}`,
      VAMBE_API_KEY: site.apiKey,
      VAMBE_WHATSAPP_PHONE: "+5511311111111",
    });
    expect(moved.output).toMatch(/^Moved: 1.*VAMBE_WHATSAPP_PHONE/);
    await onWhatsapp("typed", site).toEqual(["+5511970000009"]);
  });

  test("while Vambe is down both wait, and both arrive", async () => {
    await using site = await startWorld({ environment: SETTINGS, vambe: { fields: FIELDS } });
    site.vambe.standIn.setFault("down");
    const answer = (await site.signIn("waits", { plan: "pro", phone: "+5511970000001" })).identity();
    expect(answer.status).toBe("queued");
    site.vambe.standIn.setFault("normal");
    await site.command(["outbox", "retry", "--all"]);
    await onWhatsapp("waits", site).toEqual(["+5511970000001"]);
    await expect.poll(() => contactsOf("waits", site).webchat?.fields.plan).toBe("pro");
  });

  test("a field that is missing is withheld from both, and reaches both once it exists", async () => {
    await using site = await startWorld({ environment: SETTINGS, vambe: { fields: FIELDS } });
    site.vambe.standIn.setFault("field");
    const answer = (await site.signIn("fieldless", { plan: "pro", phone: "+5511970000002" })).identity();
    expect(answer.ignored).toEqual([{ trait: "plan", reason: "missing-at-vambe" }]);
    await onWhatsapp("fieldless", site).toEqual(["+5511970000002"]);
    site.vambe.standIn.setFault("normal");
    await site.command(["outbox", "retry", "--all"]);
    const sentToWhatsapp = () =>
      site.vambe.standIn.upserts().filter(({ body, status }) => {
        const { channel, custom_field_values: values } = Object(body);
        return status === 201 && channel === "whatsapp" && JSON.stringify(values ?? []).includes("pro");
      });
    await expect.poll(() => sentToWhatsapp().length).toBe(1);
    await expect.poll(async () => (await site.command(["outbox", "list"])).output).toMatch(/nothing waits/i);
  });

  test("both keep to one pace", async () => {
    await using site = await startWorld({
      environment: { ...SETTINGS, VAMBE_MAX_RATE: "10" },
      vambe: { fields: FIELDS },
    });
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => site.signIn(`paced-${n}`, { phone: `+551197000010${n}` })),
    );
    await expect.poll(() => site.vambe.standIn.upserts().length).toBe(20);
    const at = site.vambe.standIn
      .upserts()
      .map((upsert) => Date.parse(upsert.at))
      .sort((a, b) => a - b);
    const took = (at.at(-1) ?? 0) - (at[0] ?? 0);
    expect(took).toBeGreaterThan(1600);
  });
});

test("`web-whatsapp:` in front of the sender is a linked phone, and an id of a channel will do", async () => {
  await using site = await startWorld({
    environment: { ...SETTINGS, VAMBE_WHATSAPP_PHONE: "web-whatsapp:channel_1234" },
    vambe: { fields: FIELDS, senders: ["channel_1234"] },
  });
  await site.signIn("linked", { phone: "11987654321" });
  await expect
    .poll(() => contactsOf("linked", site).web.map(({ contact }) => contact.phone))
    .toEqual(["+5511987654321"]);
});

test("two instances on one PostgreSQL make each contact once, and both keep to one pace", async () => {
  await using postgres = await startPostgres();
  const url = await postgres.newDatabase();
  await using site = await startWorld({
    environment: { ...SETTINGS, VAMBE_DATABASE_URL: url, VAMBE_MAX_RATE: "20" },
    vambe: { fields: FIELDS },
  });
  await using other = await site.startAnother();
  const proofs = Array.from({ length: 10 }, (_, n) => [
    `shared-${n}`,
    site.proofFor(`shared-${n}`, { phone: `+551197000020${n}` }),
  ]);
  await Promise.all(proofs.map(([id, proof], n) => (n % 2 ? site.page : other.page).identify({ id }, proof)));
  await expect.poll(() => site.vambe.standIn.upserts().length).toBe(20);
  const seen = site.vambe.standIn.contacts().map(({ contact }) => contact.platform);
  expect(seen.filter((platform) => platform === "whatsapp").length).toBe(10);
  const at = site.vambe.standIn.upserts().map((upsert) => Date.parse(upsert.at));
  expect(Math.max(...at) - Math.min(...at)).toBeGreaterThan(800);
}, 120_000);

test("without a sender a phone goes to its field alone, and without a field it is named as left out", async () => {
  await using site = await startWorld({
    environment: { VAMBE_FIELDS: "id:user_id,phone:phone", VAMBE_PHONE_COUNTRY: "MX" },
    vambe: { fields: FIELDS },
  });
  await site.signIn("field", { phone: "044 55 1234 5678" });
  expect(contactsOf("field", site)).toMatchObject({
    webchat: { fields: { phone: "+525512345678" } },
    whatsapp: [],
  });
  await using other = await startWorld({
    environment: { VAMBE_FIELDS: "id:user_id" },
    vambe: { fields: FIELDS },
  });
  const answer = (await other.signIn("fieldless", { phone: "+525512345678" })).identity();
  expect(answer.ignored).toEqual([{ trait: "phone", reason: "not-in-fields-setting" }]);
});
