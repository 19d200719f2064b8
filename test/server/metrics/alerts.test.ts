import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { ALERTS, alertRules } from "../../docs/alerts-table.ts";
import { metricsIn, startMeasured } from "../../support/measured-exchange.ts";
import { programsOfAll, reasonToSkip } from "../../support/programs.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { ORIGIN } from "../../support/world.ts";

const noPromtool = reasonToSkip("promtool", "--version");
const RULES = fileURLToPath(ALERTS);

/** Time series by name, with a value a minute in promtool's notation. */
type Series = Record<string, string>;

interface Case {
  fires: Series;
  /** Like that, and nothing is wrong. */
  quiet: Series;
  /** What tells this alert from others of its name. */
  labels?: Record<string, string>;
  /** When it is asked, after the start. */
  at: string;
}

const one = 'job="vambe-identity", instance="a:1"';
const paused = (because: string, value: string): Series => ({
  [`vambe_identity_deliveries_paused{because="${because}", ${one}}`]: value,
});
const refusals = (problem: string, value: string): Series => ({
  [`vambe_identity_refusals_total{problem="${problem}", ${one}}`]: value,
});
const ofInstance = { job: "vambe-identity", instance: "a:1" };

const CASES: Record<string, Case> = {
  VambeIdentityDown: {
    fires: { [`up{${one}}`]: "1 0x9" },
    quiet: { [`up{${one}}`]: "1 0 1x9", 'up{job="another", instance="b:1"}': "0x9" },
    labels: ofInstance,
    at: "5m",
  },
  VambeIdentityDatabaseDown: {
    fires: { [`vambe_identity_database_up{${one}}`]: "1 0x9" },
    quiet: { [`vambe_identity_database_up{${one}}`]: "1x9" },
    labels: ofInstance,
    at: "5m",
  },
  VambeIdentityCannotStore: {
    fires: refusals("storage-unavailable", "0 0 3+1x9"),
    quiet: { ...refusals("storage-unavailable", "7x9"), ...refusals("proof-missing", "0+9x9") },
    labels: { instance: "a:1", problem: "storage-unavailable" },
    at: "5m",
  },
  VambeIdentityRefusedByVambe: {
    fires: paused("unauthorized", "0 1x9"),
    quiet: { ...paused("unauthorized", "0x9"), ...paused("failed", "1x9") },
    labels: { because: "unauthorized" },
    at: "5m",
  },
  VambeIdentityVambeDown: {
    fires: paused("failed", "0 1x20"),
    quiet: { ...paused("failed", "0 1x7 0x20"), ...paused("unauthorized", "1x20") },
    labels: { because: "failed" },
    at: "15m",
  },
  VambeIdentityBacklogOld: {
    fires: { [`vambe_identity_backlog_oldest_age_seconds{${one}}`]: "0+60x30" },
    quiet: { [`vambe_identity_backlog_oldest_age_seconds{${one}}`]: "0+20x30" },
    at: "20m",
  },
  VambeIdentityContactRejected: {
    fires: { [`vambe_identity_deliveries_total{result="rejected", ${one}}`]: "0 0 1x20" },
    quiet: {
      [`vambe_identity_deliveries_total{result="rejected", ${one}}`]: "5x20",
      [`vambe_identity_deliveries_total{result="retry", ${one}}`]: "0+5x20",
    },
    at: "10m",
  },
  VambeIdentityFieldMissing: {
    fires: { [`vambe_identity_backlog_rows{state="withheld", ${one}}`]: "3x60" },
    quiet: {
      [`vambe_identity_backlog_rows{state="withheld", ${one}}`]: "0x60",
      [`vambe_identity_backlog_rows{state="pending", ${one}}`]: "3x60",
    },
    at: "40m",
  },
  VambeIdentityProofsFail: {
    fires: {
      ...refusals("proof-signature", "0+30x40"),
      [`vambe_identity_identifies_total{proof="jwt", ${one}}`]: "0+70x40",
    },
    quiet: {
      ...refusals("proof-signature", "0+10x40"),
      // Visitors who are not signed in.
      ...refusals("session-none", "0+90x40"),
      [`vambe_identity_identifies_total{proof="jwt", ${one}}`]: "0+90x40",
    },
    at: "25m",
  },
  VambeIdentityIssuerDown: {
    fires: refusals("issuer-unavailable", "0+2x20"),
    quiet: refusals("issuer-unavailable", "0 1x20"),
    at: "10m",
  },
  VambeIdentityRateLimited: {
    fires: {
      ...refusals("rate-limited", "0+10x40"),
      [`vambe_identity_requests_total{route="/identify", code="200", ${one}}`]: "0+90x40",
    },
    quiet: {
      ...refusals("rate-limited", "0+1x40"),
      [`vambe_identity_requests_total{route="/identify", code="200", ${one}}`]: "0+90x40",
    },
    at: "25m",
  },
  VambeIdentitySlow: {
    fires: {
      [`vambe_identity_request_duration_seconds_bucket{route="/identify", le="2.5", ${one}}`]: "0+80x40",
      [`vambe_identity_request_duration_seconds_bucket{route="/identify", le="5", ${one}}`]: "0+100x40",
      [`vambe_identity_request_duration_seconds_bucket{route="/identify", le="+Inf", ${one}}`]: "0+100x40",
    },
    quiet: {
      [`vambe_identity_request_duration_seconds_bucket{route="/identify", le="2.5", ${one}}`]: "0+97x40",
      [`vambe_identity_request_duration_seconds_bucket{route="/identify", le="5", ${one}}`]: "0+100x40",
      [`vambe_identity_request_duration_seconds_bucket{route="/identify", le="+Inf", ${one}}`]: "0+100x40",
    },
    at: "25m",
  },
  VambeIdentityEventLoopBusy: {
    fires: { [`vambe_identity_event_loop_delay_p99_seconds{${one}}`]: "0.7x20" },
    quiet: { [`vambe_identity_event_loop_delay_p99_seconds{${one}}`]: "0.02x20" },
    labels: ofInstance,
    at: "15m",
  },
  VambeIdentityUnverifiedCanEnd: {
    fires: {
      [`vambe_identity_unverified_allowed{${one}}`]: "1x1500",
      [`vambe_identity_last_day_proven_ratio{${one}}`]: "0.9 1x1500",
    },
    quiet: {
      [`vambe_identity_unverified_allowed{${one}}`]: "1x1500",
      [`vambe_identity_last_day_proven_ratio{${one}}`]: "1x900 0.999 1x600",
      'vambe_identity_unverified_allowed{instance="b:1"}': "0x1500",
      'vambe_identity_last_day_proven_ratio{instance="b:1"}': "1x1500",
    },
    labels: ofInstance,
    at: "1470m",
  },
};

const promtool = (...args: string[]) =>
  execFileSync("promtool", args, { env: programsOfAll(), encoding: "utf8", stdio: "pipe" });

describe.skipIf(noPromtool)("the alerts", () => {
  test("are rules as Prometheus takes them", () => {
    expect(promtool("check", "rules", RULES)).toContain("SUCCESS");
  });

  const rules = alertRules();

  test("have each a case in which it fires, a summary and a remedy", () => {
    expect(rules.map(({ alert }) => alert).sort()).toEqual(Object.keys(CASES).sort());
    for (const { annotations } of rules) {
      expect(annotations.summary).toMatch(/^[A-Z].*\.$/);
      expect(annotations.remedy.length).toBeGreaterThan(40);
    }
  });

  test.each(rules.map((rule) => [rule.alert, rule] as const))(
    "%s fires where it should, and only there",
    (alert, rule) => {
      const { fires, quiet, labels = {}, at } = CASES[alert] ?? { fires: {}, quiet: {}, at: "1m" };
      const expected = {
        exp_labels: { severity: rule.labels.severity, ...labels },
        exp_annotations: rule.annotations,
      };
      const testOf = (series: Series, alerts: unknown[]) => ({
        interval: "1m",
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: alerts }],
      });
      using folder = temporaryFolder();
      const file = folder.file("test.yaml");
      const tests = [testOf(fires, [expected]), testOf(quiet, [])];
      writeFileSync(file, stringify({ rule_files: [RULES], evaluation_interval: "1m", tests }));
      expect(promtool("test", "rules", file)).toContain("SUCCESS");
    },
  );
});

/** All the queries of the dashboard, as Prometheus gets them. */
function queriesOfDashboard(): string[] {
  const dashboard: { panels: { targets: { expr: string }[] }[] } = JSON.parse(
    readFileSync(new URL("dashboard.json", ALERTS), "utf8"),
  );
  return dashboard.panels
    .flatMap(({ targets }) => targets)
    .map(({ expr }) => expr.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*"));
}

test.skipIf(noPromtool)("the dashboard's queries are such that Prometheus understands them", () => {
  using folder = temporaryFolder();
  const file = folder.file("queries.yaml");
  const rules = queriesOfDashboard().map((expr, number) => ({ record: `panel:${number}`, expr }));
  writeFileSync(file, stringify({ groups: [{ name: "dashboard", rules }] }));
  expect(promtool("check", "rules", file)).toContain(`${rules.length} rules found`);
});

test("every metric, and every label's value, that a rule or the dashboard names is there in a real scrape", async () => {
  await using world = await startMeasured();
  await world.identify({ user: { id: "u" }, proof: world.proofFor("u") });
  await world.ask("/token", { method: "POST", body: "" });
  // As the exchange writes it within ten seconds.
  const counted = { origin: ORIGIN, outcome: "identified", how: "jwt", count: 1 } as const;
  await world.exchange.ledger()?.countIdentifies([counted], Date.now());
  const text = await world.metrics.text();
  const names = new Set([...(await world.scrape()).keys()].map((name) => name.replace(/\{.*/, "")));
  expect(metricsIn(text).length).toBeGreaterThan(20);
  const queries = [...queriesOfDashboard(), ...alertRules().map(({ expr }) => expr)];
  const named = queries.flatMap((query) => query.match(/\b(vambe_identity|process|nodejs)_\w+/g) ?? []);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !names.has(name))).toEqual([]);
  const values = queries.flatMap((query) => [...query.matchAll(/(\w+)=~?"([^"]+)"/g)]);
  for (const [selector, label, all = ""] of values) {
    // Those that Prometheus itself adds.
    if (label === "job" || label === "instance") continue;
    for (const value of all.split("|")) {
      const found = new RegExp(`[{,]${label}="${value}"[,}]`).test(text);
      expect([selector, value, found]).toEqual([selector, value, true]);
    }
  }
});
