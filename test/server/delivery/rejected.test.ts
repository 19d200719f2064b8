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
