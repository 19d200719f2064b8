import { readFileSync, writeFileSync } from "node:fs";
import type { Block, Recipe, Step } from "./document.ts";
import type { Host } from "./host.ts";
import { missingLines, substitute, type Values } from "./values.ts";

export interface Performance {
  recipe: Recipe;
  hosts: readonly Host[];
  /** What this recipe leaves to the reader, such as a new secret. Each has to be in it. */
  values?: Values;
  /** What is done elsewhere than at the exchange, by the words that its step begins with. Each has to be in the recipe. */
  elsewhere?: Readonly<Record<string, () => unknown>>;
}

/** Steps of which the document says so are done on one host after the other, the others on the first. */
const ON_EACH = /on each instance/i;

/** Does a recipe as it stands in the document: its commands, its settings, and waits for what it says that one sees. */
export async function perform({ recipe, hosts, values = {}, elsewhere = {} }: Performance): Promise<void> {
  const whole = recipe.steps.flatMap(({ blocks }) => blocks.map(({ code }) => code)).join("\n");
  const unused = Object.keys(values).filter((word) => !whole.includes(word));
  if (unused.length > 0) throw new Error(`"${recipe.title}" does not speak of ${unused.join(", ")}`);
  const left = new Map(Object.entries(elsewhere));
  for (const step of recipe.steps) {
    const [begin = "", act] = [...left].find(([words]) => step.text.startsWith(words)) ?? [];
    if (!act && step.blocks.length === 0)
      throw new Error(`nobody does this step of "${recipe.title}": ${step.text}`);
    left.delete(begin);
    await act?.();
    for (const host of ON_EACH.test(step.text) ? hosts : hosts.slice(0, 1))
      await performOn(host, step, { ...host.paths, ...values });
  }
  if (left.size > 0) throw new Error(`"${recipe.title}" has no step ${[...left.keys()].join(", ")}`);
}

async function performOn(host: Host, { blocks }: Step, values: Values): Promise<void> {
  let output = "";
  let mark = host.service.mark;
  const does: Record<Block["language"], (code: string) => unknown> = {
    sh: async (code) => {
      mark = host.service.mark;
      output = await host.type(code);
    },
    text: (code) => {
      const missing = missingLines(code, output);
      if (missing.length > 0) throw new Error(`not seen:\n${missing.join("\n")}\n\nbut:\n${output}`);
    },
    diff: (code) => change(host.settingsFile, code),
    json: (code) => host.service.says(JSON.parse(code), mark),
  };
  for (const { language, code } of blocks) await does[language](substitute(code, values));
}

/** Changes the settings, or the file that a line `--- path` names. */
function change(settingsFile: string, diff: string): void {
  for (const part of diff.split(/^(?=--- )/m)) {
    const [, named, lines = part] = /^--- (\S+)\n(.*)$/s.exec(part) ?? [];
    const file = named ?? settingsFile;
    writeFileSync(file, patched(readFileSync(file, "utf8"), lines.trimEnd()));
  }
}

/** @throws where a line that is to go is not there */
function patched(settings: string, diff: string): string {
  const lines = settings.split("\n").filter(Boolean);
  for (const change of diff.split("\n")) {
    const line = change.slice(1);
    const at = lines.indexOf(line);
    if (change.startsWith("+")) lines.push(line);
    else if (at < 0) throw new Error(`there is no line ${line} in:\n${settings}`);
    else if (change.startsWith("-")) lines.splice(at, 1);
  }
  return `${lines.join("\n")}\n`;
}
