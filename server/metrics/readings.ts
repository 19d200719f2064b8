import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";
import type { Readings } from "../observer.ts";

/** Why deliveries may be paused: failures of `delivery/circuit.ts`, and another account at Vambe. */
const BECAUSE = ["unauthorized", "failed", "busy", "refused", "organization"];

/** @returns what shows the readings as they are then */
export function showReadings(registry: Registry): (readings: Readings) => void {
  const registers = [registry];
  const inFlight = new Gauge({
    name: "vambe_identity_requests_in_progress",
    help: "Requests that have begun and are not answered.",
    registers,
  });
  const paused = new Gauge({
    name: "vambe_identity_deliveries_paused",
    help: "1 while deliveries to Vambe are paused, by the cause.",
    labelNames: ["because"],
    registers,
  });
  const perSecond = new Gauge({
    name: "vambe_identity_pace_calls_per_second",
    help: "Calls to Vambe a second that the pace allows, over all instances (VAMBE_MAX_RATE).",
    registers,
  });
  const underWay = new Gauge({
    name: "vambe_identity_deliveries_in_progress",
    help: "Contacts that this instance is delivering.",
    registers,
  });
  const waitingPages = new Gauge({
    name: "vambe_identity_pages_waiting",
    help: "Pages that wait to hear whether their contact was delivered.",
    registers,
  });
  const cacheRequests = new Counter({
    name: "vambe_identity_cache_requests_total",
    help: "Looks into the caches of proven claims and of signed tokens.",
    labelNames: ["cache", "result"],
    registers,
  });
  const cacheBytes = new Gauge({
    name: "vambe_identity_cache_size_bytes",
    help: "About what a cache takes in memory.",
    labelNames: ["cache"],
    registers,
  });

  return (readings) => {
    inFlight.set(readings.inFlight);
    const { deliveries, caches } = readings;
    for (const because of BECAUSE) paused.set({ because }, deliveries?.pause?.because === because ? 1 : 0);
    if (deliveries) {
      perSecond.set(deliveries.perSecond);
      underWay.set(deliveries.underWay);
      waitingPages.set(deliveries.waitingPages);
    }
    cacheRequests.reset();
    for (const [cache, { hits, misses, bytes }] of Object.entries(caches ?? {})) {
      cacheRequests.inc({ cache, result: "hit" }, hits);
      cacheRequests.inc({ cache, result: "miss" }, misses);
      cacheBytes.set({ cache }, bytes);
    }
  };
}
