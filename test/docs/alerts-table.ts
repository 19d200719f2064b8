import { readFileSync } from "node:fs";
import { parse } from "yaml";

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: "critical" | "warning" | "info" };
  annotations: { summary: string; remedy: string };
}

export const ALERTS = new URL("../../docs/monitoring/alerts.yaml", import.meta.url);

export function alertRules(): AlertRule[] {
  const { groups }: { groups: { rules: AlertRule[] }[] } = parse(readFileSync(ALERTS, "utf8"));
  return groups.flatMap(({ rules }) => rules);
}

/** The alerts in docs/monitoring.md, a line for each severity, put between their marks. */
export function withAlerts(page: string): string {
  const lines = (["critical", "warning", "info"] as const).map((severity) => {
    const named = alertRules().filter(({ labels }) => labels.severity === severity);
    return `- ${severity}: ${named.map(({ alert }) => `\`${alert}\``).join(", ")}`;
  });
  return page.replace(
    /(<!-- alerts -->\n).*?(<!-- \/alerts -->)/s,
    (_, before, after) => `${before}${lines.join("\n")}\n${after}`,
  );
}
