import type { Browser } from "@playwright/test";

/** What one load of a page cost. Times in milliseconds. */
export interface Visit {
  /** All tasks of the main thread. */
  mainThread: number;
  script: number;
  /** Styles and layout. */
  layout: number;
  /** Tasks of 50 ms and more, the page's own first layout among them. */
  longTasks: number;
  /**
   * Those in which a script ran for 5 ms or more, which only the widget's do here, and those that began once the
   * badge's code had arrived.
   */
  ofWidget: number;
  /** Cumulative layout shift. */
  shift: number;
  /** When each request began and when its answer was complete. Absent where there was none. */
  identify?: Span;
  badge?: Span;
  /** Whether the visitor's name stands on the badge. */
  shown: boolean;
}
interface Span {
  from: number;
  to: number;
}

const THROTTLING = 4;

/** What goes wrong on purpose, to show that the benchmark notices. */
export type Spoil = "long-task" | "shift" | "order";

const SPOILT: Record<Spoil, [file: string, code: string]> = {
  "long-task": ["badge", "; for (const from = performance.now(); performance.now() - from < 80; );"],
  shift: [
    "badge",
    `; { const box = document.createElement("p"); box.textContent = "!"; document.body.prepend(box); }`,
  ],
  order: ["script", `; import(document.currentScript.src.replace(".js", "-badge.js"));`],
};
const FILES: Record<string, string> = { badge: "**/vambe-identity-badge.js", script: "**/vambe-identity.js" };

/** Loads a page once, in a browser profile that knows nothing, on a processor slowed down four times. */
export async function visit(browser: Browser, address: string, spoil?: Spoil): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
  try {
    const page = await context.newPage();
    if (spoil) {
      const [file, code] = SPOILT[spoil];
      await page.route(FILES[file] ?? "", async (route) => {
        const response = await route.fetch();
        const body = await response.text();
        await route.fulfill({ response, body: spoil === "order" ? code + body : body + code });
      });
    }
    await page.addInitScript(observe);
    const devtools = await context.newCDPSession(page);
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: THROTTLING });
    await devtools.send("Performance.enable");
    // Half a second without a request. Nothing in the page is asked meanwhile, which would cost time too.
    await page.goto(address, { waitUntil: "networkidle" });
    const { metrics } = await devtools.send("Performance.getMetrics");
    const seconds = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    const observed = await page.evaluate(readObserved);
    return {
      mainThread: seconds("TaskDuration") * 1000,
      script: seconds("ScriptDuration") * 1000,
      layout: (seconds("LayoutDuration") + seconds("RecalcStyleDuration")) * 1000,
      ...observed,
    };
  } finally {
    await context.close();
  }
}

interface Observed {
  tasks: Span[];
  scripts: Span[];
  shift: number;
}

/** Runs in the page, before anything else. */
function observe() {
  const seen: Observed = { tasks: [], scripts: [], shift: 0 };
  Object.assign(window, { seen });
  const span = ({ startTime: from, duration }: PerformanceEntry) => ({ from, to: from + duration });
  const listen = <Entry extends PerformanceEntry>(type: string, heard: (entry: Entry) => void) =>
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) heard(entry as Entry);
    }).observe({ type, buffered: true });
  listen("longtask", (task) => seen.tasks.push(span(task)));
  listen<PerformanceEntry & { scripts: PerformanceEntry[] }>("long-animation-frame", ({ scripts }) =>
    seen.scripts.push(...scripts.map(span)),
  );
  listen<PerformanceEntry & { value: number }>("layout-shift", ({ value }) => {
    seen.shift += value;
  });
}

/** Runs in the page, at the end. */
function readObserved(): Pick<Visit, "longTasks" | "ofWidget" | "shift" | "identify" | "badge" | "shown"> {
  const { seen } = window as unknown as { seen: Observed };
  const requests = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const spanOf = (end: string) => {
    const request = requests.find(({ name }) => name.endsWith(end));
    return request && { from: request.startTime, to: request.responseEnd };
  };
  const [identify, badge] = [spanOf("/identify"), spanOf("/vambe-identity-badge.js")];
  const ofWidget = seen.tasks.filter(
    ({ from, to }) =>
      from >= (badge?.to ?? Number.POSITIVE_INFINITY) ||
      seen.scripts.some((script) => script.from >= from && script.from < to),
  );
  return {
    longTasks: seen.tasks.length,
    ofWidget: ofWidget.length,
    shift: seen.shift,
    shown: !!document.querySelector("vambe-identity")?.shadowRoot?.textContent?.includes("Jane Doe"),
    ...(identify && { identify }),
    ...(badge && { badge }),
  };
}
