import { describe, expect, test } from "vitest";
import { reply, startUpstream } from "../../support/upstream.ts";
import { openLoop } from "./running-loop.ts";

const json = { "content-type": "application/json" };
const refusal = (message: unknown) =>
  reply(400, JSON.stringify({ statusCode: 400, message, error: "Bad Request" }), json);
const jane = { name: "Jane Doe", email: "jane@example.com", "field:plan": "pro" };

describe.concurrent("a contact that Vambe refuses even without any field", () => {
  test("is rejected: the page is told so, at once, each time, and nothing is tried in a loop", async () => {
    await using upstream = await startUpstream(refusal("contact_name is offensive"));
    await using loop = openLoop(upstream.url);
    loop.start();
    expect(await loop.identify("u", jane)).toBe("rejected");
    expect(upstream.seen.length).toBe(2);
    for (let call = 0; call < 3; call++) expect(await loop.identify("u", jane)).toBe("rejected");
    await loop.restart();
    expect(await loop.identify("u", jane)).toBe("rejected");
    expect(upstream.seen.length).toBe(2);
    expect(await loop.ledger.outbox()).toEqual({ pending: 0, withheld: 0, rejected: 1 });
    expect(await loop.ledger.missingFields()).toEqual([]);
    expect(loop.log.join()).toMatch(
      /"level":"error".*rejected.*"cause":"refused \(400\): contact_name is offensive"/,
    );

    upstream.behave(reply(201));
    expect(await loop.identify("u", { ...jane, name: "Joan" })).toBe("delivered");
  });

  test("is rejected for all of its pages that wait", async () => {
    await using upstream = await startUpstream(refusal("no"));
    await using loop = openLoop(upstream.url);
    loop.start();
    const pages = Array.from({ length: 5 }, () => loop.identify("u", { name: "Jane" }));
    expect(new Set(await Promise.all(pages))).toEqual(new Set(["rejected"]));
  });

  test("is rejected in Vambe's own words, without what was sent, for the operator to read", async () => {
    await using upstream = await startUpstream(
      refusal(["Jane Doe (JANE@example.com) is blocked", "plan: pro is not a plan"]),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    await loop.identify("u", jane);
    const error = "refused (400): … (…) is blocked; plan: … is not a plan";
    expect(await loop.ledger.entries({ limit: 9 })).toMatchObject([{ state: "rejected", lastError: error }]);
    expect(loop.log.join("\n")).toContain(`"cause":"${error}"`);
    expect(loop.log.join("\n")).not.toMatch(/jane|doe/i);
  });
});

describe.concurrent("what was sent, where Vambe says it in another spelling,", () => {
  test("stands neither in the log nor in the outbox", async () => {
    await using upstream = await startUpstream(
      refusal("contact Jos&eacute; Mu&ntilde;oz with phone 56987654321 already exists"),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    expect(await loop.identify("u", { name: "José Muñoz", "field:phone": "+56 9 8765 4321" })).toBe(
      "rejected",
    );
    const error = "refused (400): contact … with phone … already exists";
    expect(await loop.ledger.entries({ limit: 9 })).toMatchObject([{ lastError: error }]);
    expect(loop.log.join("\n")).toContain(`"cause":"${error}"`);
  });
});

describe.concurrent("a Vambe that refuses every contact, as for a wrong channel", () => {
  test("is said in one loud line that names VAMBE_CHANNEL_ID, and not once a contact", async () => {
    await using upstream = await startUpstream(refusal("Channel not found"));
    await using loop = openLoop(upstream.url);
    loop.start();
    for (let number = 0; number < 30; number++)
      expect(await loop.identify(`u${number}`, { name: `Name ${number}` })).toBe("rejected");
    const errors = loop.log.filter((line) => line.includes('"level":"error"'));
    expect(
      errors.filter((line) =>
        /every contact.*VAMBE_CHANNEL_ID.*outbox retry --all.*Channel not found/.test(line),
      ).length,
    ).toBe(1);
    expect(errors.length).toBeLessThan(4);
  });

  test("is said once, whatever request id stands in Vambe's words, and how often when the loop ends", async () => {
    let request = 0;
    await using upstream = await startUpstream((socket, seen) =>
      refusal(`Channel not found (request ${request++})`)(socket, seen),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    for (let number = 0; number < 50; number++) await loop.identify(`u${number}`, { name: "x" });
    const saidOfAll = () => loop.log.filter((line) => line.includes("every contact"));
    expect(saidOfAll().length).toBe(1);
    await loop.restart();
    expect(saidOfAll().length).toBe(2);
    expect(saidOfAll()[1]).toMatch(/"setting":"VAMBE_CHANNEL_ID","count":47/);
  });

  test("is not said for three users' own faults, where anybody has been taken before", async () => {
    await using upstream = await startUpstream((socket, seen) =>
      (seen.body.includes("BAD") ? refusal("contact_name must not contain BAD words") : reply(201))(
        socket,
        seen,
      ),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    await loop.identify("ok", { name: "x" });
    for (let number = 0; number < 5; number++) await loop.identify(`bad${number}`, { name: "BAD" });
    expect(loop.log.join("\n")).not.toMatch(/every contact/);
    // Of twenty in a row it is said all the same: a channel may have been deleted.
    for (let number = 5; number < 20; number++) await loop.identify(`bad${number}`, { name: "BAD" });
    expect(loop.log.join("\n")).toMatch(/every contact/);
  });

  test("is not said where one contact in between is taken", async () => {
    await using upstream = await startUpstream((socket, seen) =>
      (seen.body.includes("bad") ? refusal("no") : reply(201))(socket, seen),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    for (let number = 0; number < 10; number++) {
      await loop.identify(`bad${number}`, { name: "x" });
      await loop.identify(`good${number}`, { name: "x" });
    }
    expect(loop.log.join("\n")).not.toMatch(/every contact/);
  });
});
