import { createMetrics } from "../../server/metrics/metrics.ts";
import { metricsIn } from "../support/measured-exchange.ts";

/** The metrics of an exchange as Prometheus is told of them. */
export async function describedMetrics() {
  const metrics = createMetrics({
    readings: () => ({ inFlight: 0, deliveries: undefined, caches: undefined }),
    ledger: () => undefined,
    about: { version: "0", database: "memory", allowUnverified: false },
  });
  const described = metricsIn(await metrics.text());
  metrics.close();
  return described;
}

/** The table of metrics in docs/monitoring.md, put between its marks. Those that say the same of themselves share a row. */
export async function withMetricsTable(page: string): Promise<string> {
  const alike = Map.groupBy(
    await describedMetrics(),
    ({ type, help }) => `| ${type} | ${help.replaceAll("|", "\\|")} |`,
  );
  const rows = [...alike].map(
    ([end, metrics]) => `| ${metrics.map(({ name }) => `\`${name}\``).join(", ")} ${end}`,
  );
  const table = ["| metric | type | |", "| --- | --- | --- |", ...rows].join("\n");
  return page.replace(
    /(<!-- metrics -->\n).*?(<!-- \/metrics -->)/s,
    (_, before, after) => `${before}${table}\n${after}`,
  );
}
