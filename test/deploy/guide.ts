import { readFileSync } from "node:fs";

const TEXT = readFileSync(new URL("../../docs/deploy.md", import.meta.url), "utf8");

export interface Block {
  language: string;
  text: string;
}

/** All of docs/deploy.md. */
export const guide = (): string => TEXT;

/** What stands in a section in blocks of their own, in its order: commands in `sh`, what one sees in others. */
export function blocksIn(section: string): Block[] {
  const [, part] = TEXT.split(`\n## ${section}\n`);
  if (part === undefined) throw new Error(`docs/deploy.md has no section "${section}"`);
  const [own = ""] = part.split("\n## ");
  return [...own.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
}

/** The commands of a section, a script for each of its blocks. */
export const commandsIn = (section: string): string[] =>
  blocksIn(section)
    .filter(({ language }) => language === "sh")
    .map(({ text }) => text);

/** What a reader is told that he sees. */
export const shownIn = (section: string): string[] =>
  blocksIn(section)
    .filter(({ language }) => language !== "sh")
    .map(({ text }) => text.trim());
