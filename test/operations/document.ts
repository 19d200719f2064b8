import { readFileSync } from "node:fs";

/** What docs/operations.md says, in the form in which it can be done. */

export type Language = "sh" | "text" | "diff" | "json";

export interface Block {
  language: Language;
  code: string;
}

export interface Step {
  /** Its words, without its blocks. */
  text: string;
  blocks: Block[];
}

export interface Recipe {
  title: string;
  steps: Step[];
}

const file = new URL("../../docs/operations.md", import.meta.url);
const LANGUAGES: readonly string[] = ["sh", "text", "diff", "json"] satisfies Language[];

const page = readFileSync(file, "utf8");

/** What every shell begins with that a command of a recipe runs in. */
export const prelude = blocksOf(sectionOf("How to read the recipes"))[0]?.code ?? "";

/** Every section with numbered steps, by its title. */
export const recipes: ReadonlyMap<string, Recipe> = new Map(
  page
    .split(/^(?=#{2,3} )/m)
    .map(readRecipe)
    .filter(({ steps }) => steps.length > 0)
    .map((recipe) => [recipe.title, recipe]),
);

/** @throws where there is no such section */
export function sectionOf(title: string): string {
  const found = page.split(/^(?=#{2,3} )/m).find((section) => titleOf(section) === title);
  if (found === undefined) throw new Error(`docs/operations.md has no section "${title}"`);
  return found;
}

function titleOf(section: string): string {
  return /^#{2,3} (.+)/.exec(section)?.[1] ?? "";
}

function readRecipe(section: string): Recipe {
  // A step goes on for as long as its lines are indented or empty.
  const steps = section.match(/^\d+\. .*(?:\n(?: {3}.*)?)*$/gm) ?? [];
  steps.forEach((step, index) => {
    if (!step.startsWith(`${index + 1}. `)) throw new Error(`the steps are not numbered: ${step}`);
  });
  return { title: titleOf(section), steps: steps.map(readStep) };
}

function readStep(step: string): Step {
  const body = step.replace(/^\d+\. /, "").replace(/^ {3}/gm, "");
  const text = body.replace(/^```.*?^```/gms, "").trim();
  return { text, blocks: blocksOf(body) };
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)\n```$/gms)].map(([, language = "", code = ""]) => {
    if (!isLanguage(language)) throw new Error(`nobody can perform a block of "${language}":\n${code}`);
    return { language, code };
  });
}

function isLanguage(text: string): text is Language {
  return LANGUAGES.includes(text);
}
