import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { startMeasured } from "../../support/measured-exchange.ts";
import { programsOfAll, reasonToSkip } from "../../support/programs.ts";
import { ORIGIN } from "../../support/world.ts";

const noPromtool = reasonToSkip("promtool", "--version");

test("identifies are counted by their proof and by what became of them, refusals by the problem", async () => {
  await using world = await startMeasured({ allowUnverified: true });
  const proof = world.proofFor("u", { name: "Jane" });
  for (let load = 0; load < 3; load++) await world.identify({ user: { id: "u" }, proof });
  await world.identify({ user: { id: "v" } });
  await world.identify({ user: { id: "u" }, proof: world.proofFor("u", { exp: 1 }) });
  await world.identify({ user: { id: "u" }, proof: `${proof}x` });
  await world.identify({ user: {} });
  await world.identify({ user: { id: "u" }, proof }, "https://evil.example.net");
  const found = await world.scrape();
  const counts = Object.fromEntries(
    [...found].filter(
      ([name, value]) => /^vambe_identity_(identifies|refusals)_total/.test(name) && value > 0,
    ),
  );
  expect(counts).toEqual({
    'vambe_identity_identifies_total{proof="jwt",delivery="delivered"}': 1,
    'vambe_identity_identifies_total{proof="jwt",delivery="unchanged"}': 2,
    'vambe_identity_identifies_total{proof="none",delivery="delivered"}': 1,
    'vambe_identity_refusals_total{problem="proof-expired"}': 1,
    'vambe_identity_refusals_total{problem="proof-signature"}': 1,
    'vambe_identity_refusals_total{problem="invalid-user"}': 1,
    'vambe_identity_refusals_total{problem="origin-not-allowed"}': 1,
  });
  expect(found.get('vambe_identity_requests_total{route="/identify",method="POST",code="200"}')).toBe(4);
  expect(found.get('vambe_identity_request_duration_seconds_count{route="/identify"}')).toBe(8);
  expect(found.get('vambe_identity_request_duration_seconds_bucket{le="10",route="/identify"}')).toBe(8);
  expect(found.get('vambe_identity_request_duration_seconds_sum{route="/identify"}')).toBeGreaterThan(0);
});

test("calls to Vambe are counted by what its answer means, and deliveries by how they ended", async () => {
  await using world = await startMeasured();
  const come = (id: string) => world.identify({ user: { id }, proof: world.proofFor(id) });
  await come("a");
  world.vambe.standIn.setFault("key");
  await come("b");
  await come("c");
  await world.scrapeUntil(
    'vambe_identity_deliveries_paused{because="unauthorized"}',
    (paused) => paused === 1,
  );
  // A page may hear of the pause before its row is settled.
  const found = await world.scrapeUntil(
    'vambe_identity_deliveries_total{result="retry"}',
    (count) => count >= 2,
  );
  expect(found.get('vambe_identity_vambe_call_duration_seconds_count{verdict="confirmed"}')).toBe(1);
  expect(found.get('vambe_identity_vambe_call_duration_seconds_sum{verdict="confirmed"}')).toBeGreaterThan(0);
  expect(
    found.get('vambe_identity_vambe_call_duration_seconds_count{verdict="unauthorized"}'),
  ).toBeGreaterThanOrEqual(2);
  expect(found.get('vambe_identity_deliveries_total{result="delivered"}')).toBe(1);
  expect(found.get('vambe_identity_deliveries_paused{because="failed"}')).toBe(0);
  expect(found.get('vambe_identity_backlog_rows{state="pending"}')).toBe(2);
});

test("what can be known to happen is there from the start, so that its first time is an increase", async () => {
  await using world = await startMeasured();
  const found = await world.scrape();
  for (const name of [
    'vambe_identity_identifies_total{proof="id_token",delivery="queued"}',
    'vambe_identity_refusals_total{problem="proof-signature"}',
    'vambe_identity_deliveries_total{result="rejected"}',
    'vambe_identity_vambe_call_duration_seconds_count{verdict="failed"}',
    'vambe_identity_request_duration_seconds_count{route="/identify"}',
    'vambe_identity_deliveries_paused{because="unauthorized"}',
    'vambe_identity_backlog_rows{state="rejected"}',
  ])
    expect([name, found.get(name)]).toEqual([name, 0]);
});

test("no label holds who somebody is, or anything that he has said", async () => {
  await using world = await startMeasured({ allowUnverified: true });
  const traits = { name: "Janette", email: "janette@example.com", plan: "platinum" };
  const proof = world.proofFor("user-771", traits);
  await world.identify({ user: { id: "user-771" }, proof });
  await world.identify({ user: { id: "user-772", ...traits } });
  await world.identify({ user: { id: "user-773", ...traits }, proof });
  await world.ask("/user-774/janette?email=janette@example.com");
  const text = await world.metrics.text();
  expect(text).toContain("vambe_identity_identifies_total");
  for (const told of [
    "user-77",
    "anette",
    "platinum",
    "203.0.113",
    ORIGIN,
    world.secret,
    ...proof.split("."),
  ])
    expect(text).not.toContain(told);
});

test("however much is made up, the number of time series stays what it is", async () => {
  await using world = await startMeasured({
    allowedOrigins: [ORIGIN, "https://*.shop.example.com"],
    allowUnverified: true,
  });
  const flood = async (round: number) => {
    for (let number = 0; number < 30; number++) {
      const made = `${round}-${number}`;
      await world.ask(`/${made}`);
      await world.ask(`/problems/${made}`);
      await world.ask(`/vambe-identity-${made}.js`);
      await world.ask("/identify", { method: `M${number}` });
      await world.ask("/identify", {
        method: "POST",
        headers: { origin: ORIGIN, "content-type": made },
        body: "{}",
      });
      await world.ask("/token", { method: "POST", body: `grant_type=${made}` });
      await world.identify({ user: { id: made } }, `https://m${made}.shop.example.com`);
    }
    return [...(await world.scrape()).keys()].sort();
  };
  const before = await flood(0);
  expect(await flood(1)).toEqual(before);
  expect(before.length).toBeLessThan(600);
});

test.skipIf(noPromtool)("promtool finds nothing wrong with the text", async () => {
  await using world = await startMeasured({ allowUnverified: true });
  await world.identify({ user: { id: "u" }, proof: world.proofFor("u") });
  expect(world.metrics.contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  const check = (input: string) =>
    execFileSync("promtool", ["check", "metrics"], { env: programsOfAll(), input, encoding: "utf8" });
  const text = await world.metrics.text();
  expect(check(text)).toBe("");
  expect(() => check(text.replaceAll("identifies_total", "identifies"))).toThrow();
});
