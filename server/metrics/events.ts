import Counter from "prom-client/lib/counter.js";
import Histogram from "prom-client/lib/histogram.js";
import type Registry from "prom-client/lib/registry.js";
import { type Observer, PROVEN_BY, SETTLEMENTS, VERDICTS } from "../observer.ts";
import { PROBLEMS } from "../problems.ts";

/** From what is answered out of memory to what a page has long given up. Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const DELIVERIES = ["delivered", "unchanged", "queued", "rejected"] as const;
/** Errors of OAuth's that `POST /token` answers with, beside our own problems. */
const OAUTH_ERRORS = ["invalid_request", "invalid_target", "unsupported_grant_type"];
const REASONS = new Set<string>([...Object.keys(PROBLEMS), ...OAUTH_ERRORS]);

/** Counts what happens. What can be known to happen is there from the start, at 0, so that its first time is an increase. */
export function countEvents(registry: Registry): Observer {
  const registers = [registry];
  const requests = new Counter({
    name: "vambe_identity_requests_total",
    help: "Requests that were answered.",
    labelNames: ["route", "method", "code"],
    registers,
  });
  const durations = new Histogram({
    name: "vambe_identity_request_duration_seconds",
    help: "How long requests took until their answer was made.",
    labelNames: ["route"],
    buckets: BUCKETS,
    registers,
  });
  const identifies = new Counter({
    name: "vambe_identity_identifies_total",
    help: "Users who were identified, by the kind of proof (none: nothing proves the id) and by what became of it.",
    labelNames: ["proof", "delivery"],
    registers,
  });
  const refusals = new Counter({
    name: "vambe_identity_refusals_total",
    help: "Requests that were refused, by the problem: /problems/{problem} says what to do.",
    labelNames: ["problem"],
    registers,
  });
  const calls = new Histogram({
    name: "vambe_identity_vambe_call_duration_seconds",
    help: "How long calls to Vambe took, by what its answer means.",
    labelNames: ["verdict"],
    buckets: BUCKETS,
    registers,
  });
  const deliveries = new Counter({
    name: "vambe_identity_deliveries_total",
    help: "Attempts to deliver a contact that have ended (retry: it waits for another).",
    labelNames: ["result"],
    registers,
  });

  for (const proof of PROVEN_BY) for (const delivery of DELIVERIES) identifies.inc({ proof, delivery }, 0);
  for (const problem of REASONS) refusals.inc({ problem }, 0);
  for (const verdict of VERDICTS) calls.zero({ verdict });
  for (const result of SETTLEMENTS) deliveries.inc({ result }, 0);
  durations.zero({ route: "/identify" });

  return {
    answered: ({ route, method, status, problem, durationMs }) => {
      requests.inc({ route, method, code: String(status) });
      durations.observe({ route }, durationMs / 1000);
      if (problem !== undefined) refusals.inc({ problem: REASONS.has(problem) ? problem : "other" });
    },
    identified: ({ provenBy, delivery }) => identifies.inc({ proof: provenBy, delivery }),
    called: ({ verdict, durationMs }) => calls.observe({ verdict }, durationMs / 1000),
    settled: ({ kind }) => deliveries.inc({ result: kind }),
  };
}
