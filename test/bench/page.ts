/**
 * `npm run bench:page`: what the widget costs the page, in Chromium, on a processor slowed down four times, against
 * an empty script on an otherwise equal page. Loads take turns, so that what else the machine does falls on all
 * alike. Fails where the widget causes a long task, moves the page, or fetches the badge before the identify has
 * left. `npm run bench:page -- --spoil long-task` (or `shift`, `order`) breaks one of these on purpose.
 */
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import chromiumFromNpm from "@sparticuz/chromium";
import { median } from "./load.ts";
import { KINDS, type Kind, startSite } from "./page-site.ts";
import { type Spoil, type Visit, visit } from "./page-visit.ts";

const { values } = parseArgs({
  options: { loads: { type: "string", default: "15" }, spoil: { type: "string" } },
});
const LOADS = Number(values.loads);

const figure = (value: number) => value.toFixed(1);
const row = (...cells: string[]) => console.log(`| ${cells.join(" | ")} |`);
const middle = (visits: Visit[], read: (one: Visit) => number) => median(visits.map(read));

/** What must hold of a page with the widget in it; each fault in words. */
function faultsOf(kind: Kind, visits: Visit[]): string[] {
  const faults: string[] = [];
  // Most loads, and not all: a processor that is given to another process in between makes any task long.
  if (middle(visits, ({ ofWidget }) => ofWidget) > 0) faults.push(`${kind}: long tasks`);
  if (visits.some(({ shift }) => shift > 0)) faults.push(`${kind}: the page moves`);
  if (visits.some(({ shown }) => !shown)) faults.push(`${kind}: the badge did not show the visitor`);
  for (const { identify, badge } of visits) {
    if (!identify || !badge) faults.push(`${kind}: the identify or the badge was never asked for`);
    else if (identify.from >= badge.from || identify.from >= badge.to)
      faults.push(`${kind}: the badge's code was asked for before the identify left`);
  }
  return [...new Set(faults)];
}

await using site = await startSite();
const browser = await chromium.launch({
  executablePath: await chromiumFromNpm.executablePath(),
  args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
});
const visits = new Map<Kind, Visit[]>(KINDS.map((kind) => [kind, []]));
try {
  // The first round warms up the exchange and the browser, and does not count.
  for (let load = 0; load <= LOADS; load++) {
    for (const kind of KINDS) {
      const spoil = kind === "empty script" ? undefined : (values.spoil as Spoil | undefined);
      const one = await visit(browser, site.addressOf(kind), spoil);
      if (load > 0) visits.get(kind)?.push(one);
    }
  }
} finally {
  await browser.close();
}

const empty = middle(visits.get("empty script") ?? [], ({ mainThread }) => mainThread);
row(
  "page",
  "main thread, ms",
  "ratio",
  "script, ms",
  "style and layout, ms",
  "loads with a long task",
  "of them the widget's",
  "layout shift",
);
row("---", ...Array.from({ length: 7 }, () => "---:"));
for (const [kind, all] of visits) {
  const mainThread = middle(all, (one) => one.mainThread);
  row(
    kind,
    figure(mainThread),
    (mainThread / empty).toFixed(2),
    figure(middle(all, ({ script }) => script)),
    figure(middle(all, ({ layout }) => layout)),
    `${all.filter(({ longTasks }) => longTasks > 0).length} of ${LOADS}`,
    `${all.filter(({ ofWidget }) => ofWidget > 0).length}`,
    `${Math.max(...all.map(({ shift }) => shift))}`,
  );
}
const withWidget = KINDS.slice(1).flatMap((kind) => visits.get(kind) ?? []);
const ahead = (edge: "from" | "to") =>
  figure(middle(withWidget, ({ identify, badge }) => (badge?.[edge] ?? 0) - (identify?.from ?? 0)));
console.log(
  `\nThe identify leaves ${ahead("from")} ms before the badge is asked for, ${ahead("to")} ms before it has arrived.`,
);

const faults = KINDS.slice(1).flatMap((kind) => faultsOf(kind, visits.get(kind) ?? []));
for (const fault of faults) console.error(`✗ ${fault}`);
if (faults.length > 0) process.exitCode = 1;
