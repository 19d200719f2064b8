import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { extname } from "node:path";
import type { Person } from "./people.ts";

export type Language = "es" | "pt" | "en";

export interface PageOptions {
  exchangeUrl: string;
  vambeUrl: string;
  language: Language | undefined;
  people: Person[];
  person: Person | undefined;
}

/** What the page's own script starts from. */
export interface PageFacts {
  vambeUrl: string;
  people: Person[];
  /** Who is signed in, so that the page is right from its first paint; the proof is fetched when it is needed. */
  person: Person | null;
  /** Another one with each start: what the tab remembers of an earlier demo is not to be shown in this one. */
  run: string;
}

const TYPES = {
  ".ts": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
} as const;

const run = String(Date.now());
const files = readPageFolder(new URL("./page/", import.meta.url));

/** A file of the page. Its TypeScript loses the types here, so the demo's page needs no build. */
export function pageFile(name: string): { type: string; content: string } | undefined {
  return files.get(name);
}

export function renderPage({ exchangeUrl, vambeUrl, language, people, person }: PageOptions): string {
  const facts: PageFacts = { vambeUrl, people, person: person ?? null, run };
  const fill: Record<string, string> = {
    "http://localhost:8787": exchangeUrl,
    '<body data-signed="out">': `<body data-signed="${person ? "in" : "out"}">`,
    'type="application/json">{}': `type="application/json">${JSON.stringify(facts).replaceAll("<", "\\u003c")}`,
    // In the page's own language unless the visitor chose one, so the snippet stays as documented.
    ...(language && { 'data-badge="bottom-left"': `data-badge="bottom-left" data-lang="${language}"` }),
  };
  return Object.entries(fill).reduce(
    (page, [as, becomes]) => page.replaceAll(as, () => becomes),
    files.get("index.html")?.content ?? "",
  );
}

function readPageFolder(folder: URL): Map<string, { type: string; content: string }> {
  const read = new Map<string, { type: string; content: string }>();
  for (const name of readdirSync(folder)) {
    const extension = extname(name);
    if (!(extension in TYPES)) continue;
    const source = readFileSync(new URL(name, folder), "utf8");
    read.set(name, {
      type: TYPES[extension as keyof typeof TYPES],
      content: extension === ".ts" ? stripTypeScriptTypes(source) : source,
    });
  }
  return read;
}
