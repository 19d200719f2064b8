/** `npm run docs`: writes anew what README.md and docs/mounting.md have from the code. */
import { readFileSync, writeFileSync } from "node:fs";
import { withMounts } from "./mounting-table.ts";
import { withSettingsTable } from "./settings-table.ts";

const PAGES = { "README.md": withSettingsTable, "docs/mounting.md": withMounts };

for (const [path, written] of Object.entries(PAGES)) {
  const page = new URL(`../../${path}`, import.meta.url);
  writeFileSync(page, await written(readFileSync(page, "utf8")));
}
