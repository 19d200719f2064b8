/** The tables of docs/benchmarks.md, as a bench prints them. */
export const figure = (value: number, digits = 0): string =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

export const row = (...cells: string[]): void => console.log(`| ${cells.join(" | ")} |`);

/** @param numbers how many of the last columns are figures */
export function head(numbers: number, ...cells: string[]): void {
  row(...cells);
  row(...cells.map((_, at) => (at < cells.length - numbers ? "---" : "---:")));
}
