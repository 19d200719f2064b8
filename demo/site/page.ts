import { type PageFile, readPageFolder } from "../page-folder.ts";
import type { Person } from "./people.ts";

export type Language = "es" | "pt" | "en";

export interface PageOptions {
  exchangeUrl: string;
  vambeUrl: string;
  language: Language | undefined;
  people: Person[];
  person: Person | undefined;
  chatSecured: boolean;
}

/** What the page's own script starts from. */
export interface PageFacts {
  vambeUrl: string;
  people: Person[];
  /** Who is signed in, so that the page is right from its first paint; the proof is fetched when it is needed. */
  person: Person | null;
  /** Whether the chat takes signed tokens alone. */
  chatSecured: boolean;
  /** Another one with each start: what the tab remembers of an earlier demo is not to be shown in this one. */
  run: string;
}

const run = String(Date.now());
const files = readPageFolder(new URL("./page/", import.meta.url));

/** A file of the page. */
export const pageFile = (name: string): PageFile | undefined => files.get(name);

export function renderPage({
  exchangeUrl,
  vambeUrl,
  language,
  people,
  person,
  chatSecured,
}: PageOptions): string {
  const facts: PageFacts = { vambeUrl, people, person: person ?? null, chatSecured, run };
  const fill: Record<string, string> = {
    // With their paths: where a port is another than usual, one address must not be taken for the other.
    "http://localhost:8787/vambe-identity.js": `${exchangeUrl}/vambe-identity.js`,
    "http://localhost:8788/webchat.js": `${vambeUrl}/webchat.js`,
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
