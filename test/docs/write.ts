/** `npm run docs`: writes anew what docs/reference/settings.md, docs/mounting.md and docs/monitoring.md have from the code. */
import { readFileSync, writeFileSync } from "node:fs";
import { withAlerts } from "./alerts-table.ts";
import { withMetricsTable } from "./metrics-table.ts";
import { withMounts } from "./mounting-table.ts";
import { withSettingsTable } from "./settings-table.ts";

const PAGES = {
  "docs/reference/settings.md": withSettingsTable,
  "docs/mounting.md": withMounts,
  "docs/monitoring.md": async (page: string) => withAlerts(await withMetricsTable(page)),
};

for (const [path, written] of Object.entries(PAGES)) {
  const page = new URL(`../../${path}`, import.meta.url);
  writeFileSync(page, await written(readFileSync(page, "utf8")));
}
