import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { hang, type Misbehaviour, reply, reset, startUpstream } from "../../support/upstream.ts";
import { openLoop } from "./running-loop.ts";

const json = { "content-type": "application/json" };
const page = { "content-type": "text/html" };
const BAD = "'; DROP TABLE users; --";

/** What is in front of Vambe meets whatever looks like an attack with `refusal`; Vambe takes the rest. */
const firewall =
  (refusal: Misbehaviour): Misbehaviour =>
  (socket, seen) =>
    (seen.body.includes("DROP TABLE") ? refusal : reply(201))(socket, seen);

describe.concurrent("one contact whose content something in front of Vambe meets with", {
  timeout: 60_000,
}, () => {
  const REFUSALS: [string, Misbehaviour, RegExp][] = [
    ["401", reply(401), /refused as if VAMBE_API_KEY were wrong.*"upstream":401/],
    [
      "403 and a page",
      reply(403, "<title>Attention Required!</title>", page),
      /"upstream":403.*Attention Required!/,
    ],
    ["500", reply(500), /"cause":"500"/],
    ["503 and Retry-After", reply(503, "", { "retry-after": "1" }), /"upstream":503/],
    ["a broken connection", reset(), /tried again/],
    ["silence", hang, /TimeoutError/],
    [
      "200 and a page that asks for a captcha",
      reply(200, "<html>Are you human?", page),
      /"cause":"200 without JSON"/,
    ],
  ];

  test.each(REFUSALS)(
    "%s: the others are delivered meanwhile, and it is said whose fault it is",
    async (name, refusal, said) => {
      await using upstream = await startUpstream(firewall(refusal));
      await using loop = openLoop(upstream.url, { deadlineMs: name === "silence" ? 1500 : 10_000 });
      await loop.leave("bad", { name: BAD });
      loop.start();
      await eventually("it is refused", () => loop.log.some((line) => said.test(line)));
      // Once is a pause where Vambe asks for one: then nobody knows yet that it is about one contact.
      await eventually(
        "others are taken",
        async () => (await loop.identify("first", { name: "x" })) !== "queued",
      );
      for (let round = 0; round < 5; round++) {
        await loop.ledger.retry("bad", Date.now());
        const seen = upstream.seen.length;
        const others = [0, 1, 2, 3].map((number) => loop.identify(`u${round}-${number}`, { name: "x" }));
        expect(await Promise.all(others)).toEqual(["delivered", "delivered", "delivered", "delivered"]);
        await eventually("it was tried beside them", () => upstream.seen.length >= seen + 5);
      }
      await eventually("it is said", () => loop.log.some((line) => /outbox list names it/.test(line)));
      expect(loop.log.join("\n")).not.toMatch(/DROP TABLE|"bad"/);
      expect(await loop.ledger.entries({ limit: 9 })).toMatchObject([{ userId: "bad", state: "pending" }]);
    },
  );

  test("403, tried again and again with nobody else about: never stops whoever comes next", async () => {
    await using upstream = await startUpstream(firewall(reply(403)));
    await using loop = openLoop(upstream.url);
    loop.start();
    for (let attempt = 0; attempt < 6; attempt++)
      expect(await loop.identify("bad", { name: `${BAD} ${attempt}` })).toBe("queued");
    expect(await loop.identify("good", { name: "x" })).toBe("delivered");
    expect(loop.log.join("\n")).not.toMatch(/paused/);
  });

  test("403 where two did: the first call after the pause is another's, and ends it", async () => {
    await using upstream = await startUpstream(firewall(reply(403)));
    await using loop = openLoop(upstream.url);
    loop.start();
    for (const id of ["bad", "worse"]) await loop.identify(id, { name: BAD });
    expect(loop.log.join("\n")).toMatch(/deliveries are paused/);
    for (const id of ["bad", "worse"]) await loop.leave(id, { name: `${BAD} again` });
    await loop.leave("good", { name: "x" });
    const seen = upstream.seen.length;
    await eventually("the pause is over", () => upstream.seen.length > seen);
    expect(upstream.seen[seen]?.body).toContain('"good"');
    // From now on these two stop nobody, not even where they are taken in between.
    for (let round = 0; round < 3; round++) {
      for (const id of ["bad", "worse"]) await loop.identify(id, { name: `${BAD} ${round}` });
      expect(await loop.identify("good", { name: `x${round}` })).toBe("delivered");
      // What is fine goes too, at the latest when a try of what was not, begun a moment before, has ended.
      for (const id of ["bad", "worse"])
        await eventually("what is fine goes too", async () =>
          ["delivered", "unchanged"].includes(await loop.identify(id, { name: `fine ${round}` })),
        );
    }
  });

  test("403 where two did, and the exchange starts anew: the key is not blamed, and nobody else is told to wait", async () => {
    await using upstream = await startUpstream(firewall(reply(403)));
    await using loop = openLoop(upstream.url);
    loop.start();
    for (const id of ["bad", "worse"]) {
      await loop.identify(id, { name: BAD });
      await loop.identify("good", { name: id });
    }
    for (let start = 0; start < 3; start++) {
      const [calls, lines] = [upstream.seen.length, loop.log.length];
      await loop.restart();
      await eventually("both are tried", () => upstream.seen.length >= calls + 2);
      expect(await loop.identify("good", { name: `x${start}` })).toBe("delivered");
      expect(loop.log.slice(lines).join("\n")).not.toMatch(/paused/);
    }
  });

  test("403 where two did, with nobody else about for long: whoever comes next goes at once", async () => {
    await using upstream = await startUpstream(firewall(reply(403)));
    await using loop = openLoop(upstream.url);
    loop.start();
    for (const id of ["bad", "worse"]) await loop.identify(id, { name: BAD });
    // The pause is over when one of them is tried again; from then on both fail again and again.
    for (let round = 0; round < 2; round++) {
      const calls = upstream.seen.length;
      for (const id of ["bad", "worse"]) await loop.leave(id, { name: `${BAD} ${round}` });
      await eventually("one was tried", () => upstream.seen.length > calls);
    }
    expect(await loop.identify("good", { name: "x" })).toBe("delivered");
  });
});

describe.concurrent("a web page in place of Vambe", () => {
  test("with 400, as a port for https gives by http: nothing is rejected, and all arrives when the address is right", async () => {
    const plain = "<title>400 The plain HTTP request was sent to HTTPS port</title>";
    await using upstream = await startUpstream(reply(400, plain, page));
    await using loop = openLoop(upstream.url);
    loop.start();
    for (const id of ["a", "b", "c", "d"])
      expect(await loop.identify(id, { name: "x", "field:plan": "pro" })).toBe("queued");
    expect(loop.log.join("\n")).toMatch(/VAMBE_API_URL.*The plain HTTP request was sent to HTTPS port/);
    expect(loop.log.join("\n")).not.toMatch(/VAMBE_CHANNEL_ID|does not exist at Vambe/);
    expect(await loop.ledger.outbox()).toMatchObject({ pending: 4, rejected: 0 });
    upstream.behave(reply(201));
    await eventually("all are delivered", async () => (await loop.ledger.outbox()).pending === 0);
  });

  test("with 400, for what a firewall does not like: nobody else goes without that field", async () => {
    await using upstream = await startUpstream(firewall(reply(400, "<title>Request blocked</title>", page)));
    await using loop = openLoop(upstream.url);
    loop.start();
    expect(await loop.identify("bad", { name: "x", "field:plan": BAD })).toBe("queued");
    expect(await loop.identify("good", { name: "x", "field:plan": "pro" })).toBe("delivered");
    // The other's next try may have come since.
    const taken = upstream.seen.findLast(({ body }) => body.includes('"good"'));
    expect(taken?.body).toContain('"value":"pro"');
    expect(await loop.ledger.missingFields()).toEqual([]);
  });

  test("is said to be one, loudly, and everything is delivered when the address is right", async () => {
    await using upstream = await startUpstream(reply(200, "<title>Sign in</title>", page));
    await using loop = openLoop(upstream.url);
    loop.start();
    for (const id of ["a", "b", "c"]) expect(await loop.identify(id, { name: "x" })).toBe("queued");
    expect(loop.log.join("\n")).toMatch(
      /"level":"error".*VAMBE_API_URL.*"cause":"200 without JSON: Sign in"/,
    );
    expect(await loop.ledger.lastErrors(5)).toEqual([{ error: "200 without JSON: Sign in", rows: 3 }]);
    upstream.behave(reply(201));
    await eventually("all are delivered", async () => (await loop.ledger.outbox()).pending === 0);
  });

  test("elsewhere, where a redirect or a 404 says so, is named as well", async () => {
    await using upstream = await startUpstream(
      reply(302, "", { location: "https://login.example.com/?email=x" }),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    await loop.identify("a", { name: "x" });
    upstream.behave(reply(404, '{"message":"Cannot POST /v2/api/public/customer/upsert/info"}', json));
    await loop.identify("b", { name: "x" });
    const said = loop.log.join("\n");
    expect(said).toMatch(/"setting":"VAMBE_API_URL","cause":"302: leads to https:\/\/login.example.com"/);
    expect(said).toMatch(/"setting":"VAMBE_API_URL","cause":"404: Cannot POST \/v2/);
  });

  test("a 2xx that speaks of a failure counts, and is said once", async () => {
    await using upstream = await startUpstream(
      reply(200, '{"success":false,"message":"Jane Doe is blocked"}', json),
    );
    await using loop = openLoop(upstream.url);
    loop.start();
    for (const id of ["a", "b", "c"]) expect(await loop.identify(id, { name: "Jane Doe" })).toBe("delivered");
    expect(loop.log.filter((line) => /2xx and speaks of a failure/.test(line))).toMatchObject([
      expect.stringMatching(/"level":"error".*"cause":"… is blocked"/),
    ]);
  });
});
