import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withAlerts } from "./alerts-table.ts";
import { withMetricsTable } from "./metrics-table.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("the metrics and alerts that it lists are the code's own (`npm run docs` writes them anew)", async () => {
  const page = read("docs/monitoring.md");
  for (const row of ["| `vambe_identity_identifies_total` | counter |", "- critical: `VambeIdentityDown`"])
    expect(page).toContain(row);
  expect(withAlerts(await withMetricsTable(page))).toBe(page);
});

interface Panel {
  id: number;
  title: string;
  type: string;
  datasource: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { refId: string; expr: string; legendFormat: string; datasource: { uid: string } }[];
}

interface Variable {
  name: string;
  type: string;
  query: string | { query: string };
  datasource?: { uid: string };
}

describe("the dashboard", () => {
  const dashboard: { panels: Panel[]; templating: { list: Variable[] } } = JSON.parse(
    read("docs/monitoring/dashboard.json"),
  );
  const { panels } = dashboard;

  test("asks the data source that is chosen where it is imported, and no other", () => {
    const { list } = dashboard.templating;
    expect(list[0]).toMatchObject({ name: "datasource", type: "datasource", query: "prometheus" });
    const asked = [...list.slice(1), ...panels, ...panels.flatMap(({ targets }) => targets)];
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
    expect(new Set(asked.map(({ datasource }) => datasource?.uid))).toEqual(new Set(["${datasource}"]));
    const known = ["datasource", "instance", "__rate_interval"];
    expect(list.map(({ name }) => name)).toEqual(["datasource", "instance"]);
    const used = [...JSON.stringify(panels).matchAll(/\$\{?(\w+)/g)].map(([, name = ""]) => name);
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
  });

  test("is one screen: no panel covers another, none is beside it, and it is no higher than 26 of Grafana's rows", () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      expect(gridPos.y + gridPos.h).toBeLessThanOrEqual(26);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, taken.get(`${x} ${y}`)]).toEqual([title, undefined]);
          taken.set(`${x} ${y}`, title);
        }
      }
    }
    expect(taken.size).toBe(24 * 25);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});
