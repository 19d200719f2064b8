import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";

const file = new URL("../../docs/signing.md", import.meta.url);

/** The recipes of docs/signing.md, as they stand there: name → program. */
export function readRecipes(): Map<string, string> {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(/^<!-- recipe: ([^\n]+) -->\n```\w+\n(.*?)^```$/gms);
  return new Map(Array.from(found, ([, name = "", program = ""]) => [name, program]));
}

/**
 * Does with a program's output what a browser would: finds where the script element ends, runs what is in it,
 * and returns what it passed to `VambeIdentify`.
 */
export function openPage(html: string): { id: unknown; proof: unknown } {
  const [, script, rest] = /^<script>(.*?)<\/script>(.*)$/is.exec(html.trim()) ?? [];
  if (script === undefined) throw new Error(`not a script element: ${html}`);
  // After these two, `</script>` would no longer end the element.
  if (rest !== "" || /<!--|<script/i.test(script))
    throw new Error(`the script element is broken up: ${html}`);
  const calls: { id: unknown; proof: unknown }[] = [];
  runInContext(script, createContext({ VambeIdentify: (user: (typeof calls)[number]) => calls.push(user) }));
  const [user] = calls;
  if (!user || calls.length > 1) throw new Error(`VambeIdentify was called ${calls.length} times: ${html}`);
  return { id: user.id, proof: user.proof };
}
