import { readFileSync } from "node:fs";

const DEPLOY = new URL("../../docs/deploy/", import.meta.url);

/**
 * A file of docs/deploy/ as it stands, but for what a reader has to change too, such as host names and ports.
 * @throws where something that is to be replaced is not in it
 */
export function deployFile(name: string, replaced: Readonly<Record<string, string>> = {}): string {
  let text = readFileSync(new URL(name, DEPLOY), "utf8");
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`docs/deploy/${name} has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** The settings of the exchange that a configuration says it goes with, in its comments. */
export const settingsNamedIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/\b(VAMBE_[A-Z_]+)=(\S+?)[,.]?(?=\s)/g)].map(([, name, value]) => [name, value]),
  );
