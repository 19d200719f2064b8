/** `npm run docs`: writes anew what README.md has from the code. */
import { readFileSync, writeFileSync } from "node:fs";
import { withSettingsTable } from "./settings-table.ts";

const README = new URL("../../README.md", import.meta.url);
writeFileSync(README, withSettingsTable(readFileSync(README, "utf8")));
