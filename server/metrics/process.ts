import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import type Registry from "prom-client/lib/registry.js";

/** What it is that runs, and how it is set. */
export interface About {
  version: string;
  /** The kind of database. */
  database: "SQLite" | "PostgreSQL" | "memory";
  /** Whether ids without a proof are accepted (`VAMBE_ALLOW_UNVERIFIED`). */
  allowUnverified: boolean;
}

/** How exactly the event loop's delay is measured, in milliseconds: finer costs more. */
const RESOLUTION_MS = 20;
const DELAY_HELP =
  "How much later than asked the event loop came round since the last scrape: half of the times (p50), 99 of 100 times (p99), or always (max) not more than that.";

/** The process, under the names that Prometheus' own libraries give; and how long its event loop keeps others waiting. */
export function showProcess(registry: Registry, about: About): { read(): void; close(): void } {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  new Gauge({
    name: "vambe_identity_build_info",
    help: "1, with the version that runs, Node's, and the kind of database.",
    labelNames: ["version", "node", "database"],
    registers,
  }).set({ version: about.version, node: process.version, database: about.database }, 1);
  gauge(
    "vambe_identity_unverified_allowed",
    "1 while ids without a proof are accepted (VAMBE_ALLOW_UNVERIFIED).",
  ).set(about.allowUnverified ? 1 : 0);
  gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.").set(
    Date.now() / 1000 - process.uptime(),
  );
  const cpu = new Counter({
    name: "process_cpu_seconds_total",
    help: "Time of the processor that the process has used.",
    registers,
  });
  const memory = gauge("process_resident_memory_bytes", "Memory of the machine that the process has.");
  const heap = gauge("nodejs_heap_size_used_bytes", "Of Node's heap what is in use.");
  const files = gauge("process_open_fds", "Open files and connections; 0 where the system does not say.");
  const delays = {
    p50: gauge("vambe_identity_event_loop_delay_p50_seconds", DELAY_HELP),
    p99: gauge("vambe_identity_event_loop_delay_p99_seconds", DELAY_HELP),
    max: gauge("vambe_identity_event_loop_delay_max_seconds", DELAY_HELP),
  };
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();

  return {
    read: () => {
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / 1e6);
      memory.set(process.memoryUsage.rss());
      heap.set(process.memoryUsage().heapUsed);
      files.set(openFiles());
      if (delay.count > 0) {
        delays.p50.set(seconds(delay.percentile(50)));
        delays.p99.set(seconds(delay.percentile(99)));
        delays.max.set(seconds(delay.max));
      }
      delay.reset();
    },
    close: () => void delay.disable(),
  };
}

/** The times that are measured have the resolution in them. */
const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);

function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}
