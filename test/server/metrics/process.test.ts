import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { startMeasured } from "../../support/measured-exchange.ts";

test("what runs is named, and how it is set", async () => {
  await using world = await startMeasured({ allowUnverified: true, maxRate: 7 });
  const found = await world.scrape();
  const about = `version="1.2.3",node="${process.version}",database="SQLite"`;
  expect(found.get(`vambe_identity_build_info{${about}}`)).toBe(1);
  expect(found.get("vambe_identity_unverified_allowed")).toBe(1);
  expect(found.get("vambe_identity_pace_calls_per_second")).toBe(7);
});

test("the process says what it uses", async () => {
  await using world = await startMeasured();
  const found = await world.scrape();
  const startedAt = found.get("process_start_time_seconds") ?? 0;
  expect(Math.abs(Date.now() / 1000 - process.uptime() - startedAt)).toBeLessThan(60);
  expect(found.get("process_resident_memory_bytes")).toBeGreaterThan(10e6);
  expect(found.get("nodejs_heap_size_used_bytes")).toBeGreaterThan(1e6);
  expect(found.get("process_open_fds")).toBeGreaterThan(3);
  const { user, system } = process.cpuUsage();
  expect(found.get("process_cpu_seconds_total")).toBeLessThanOrEqual((user + system) / 1e6);
  expect(found.get("process_cpu_seconds_total")).toBeGreaterThan(0);
});

test("an event loop that was kept from its work shows it, until the next scrape", async () => {
  await using world = await startMeasured();
  await eventually("it is measured", async () => {
    await sleep(50);
    return (await world.scrape()).has("vambe_identity_event_loop_delay_p50_seconds");
  });
  await sleep(50);
  const until = performance.now() + 400;
  while (performance.now() < until);
  await sleep(50);
  expect((await world.scrape()).get("vambe_identity_event_loop_delay_max_seconds")).toBeGreaterThan(0.3);
});

test("the caches show what they save", async () => {
  await using world = await startMeasured();
  const proof = world.proofFor("u");
  for (let load = 0; load < 4; load++) await world.identify({ user: { id: "u" }, proof });
  const found = await world.scrape();
  for (const cache of ["claims", "tokens"]) {
    expect(found.get(`vambe_identity_cache_requests_total{cache="${cache}",result="hit"}`)).toBe(3);
    expect(found.get(`vambe_identity_cache_requests_total{cache="${cache}",result="miss"}`)).toBe(1);
    expect(found.get(`vambe_identity_cache_size_bytes{cache="${cache}"}`)).toBeGreaterThan(100);
  }
});

test("of the library nothing is loaded that is not used", () => {
  const script = `
    await import(${JSON.stringify(import.meta.resolve("../../../server/metrics/metrics.ts"))});
    const { createRequire } = process.getBuiltinModule("node:module");
    console.log(Object.keys(createRequire(import.meta.url).cache).join("\\n"));`;
  const loaded = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" })
    .split("\n")
    .filter((path) => path.includes("node_modules"));
  expect(loaded.filter((path) => path.includes("/prom-client/lib/histogram.js"))).toHaveLength(1);
  expect(loaded.filter((path) => !path.includes("/prom-client/"))).toEqual([]);
});
