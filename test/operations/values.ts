/** What stands in the document → what it is here. */
export type Values = Readonly<Record<string, string>>;

/** Puts in what is here, all at once: what has been put in is not looked at again. */
export function substitute(text: string, values: Values): string {
  const words = Object.keys(values).sort((a, b) => b.length - a.length);
  if (words.length === 0) return text;
  const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
  return text.replace(pattern, (word) => values[word] ?? word);
}

/** What is another each time is made alike: keys' and secrets' names, times, numbers, and the room between columns. */
const masked = (line: string) =>
  line
    .replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, "UUID")
    .replace(/[\w-]{43}/g, "KID")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b/g, "SECRET")
    .replace(/\d+ (s|min|h|days)\b/g, "SPAN")
    .replace(/\d+/g, "N")
    .replace(/\s+/g, " ")
    .trim();

/** The lines of a document's example that an output does not have, in their order. */
export function missingLines(example: string, output: string): string[] {
  const said = output.split("\n").map(masked);
  let from = 0;
  return example.split("\n").filter((line) => {
    const at = said.indexOf(masked(line), from);
    if (at >= 0) from = at + 1;
    return at < 0;
  });
}

/** Whether a line of the log has what the document shows of it, what is another each time aside. */
export function isSameEvent(example: Record<string, unknown>, line: Record<string, unknown>): boolean {
  return Object.entries(example).every(([name, value]) => {
    const form = (any: unknown) => (name === "version" ? any : masked(JSON.stringify(any ?? null)));
    return form(value) === form(line[name]);
  });
}
