import { styleText } from "node:util";
import type { Level, Line } from "../log.ts";
import { shown } from "./shown.ts";

const COLOURS = { info: "green", warn: "yellow", error: "red" } as const satisfies Record<Level, string>;

/** An event as one line for a person: the time by this machine's clock, the level, the event, and the fields in the log's order. */
export function terminalLine({ time, level, event, ...fields }: Line): string {
  const clock = new Date(time).toTimeString().slice(0, 8);
  const rest = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${paint("dim", `${name}=`)}${textOf(value)}`],
  );
  const said = level === "info" ? shown(event) : paint(COLOURS[level], shown(event));
  return [paint("dim", clock), paint(COLOURS[level], level.padEnd(5)), said, ...rest].join(" ");
}

/** Whether there are to be colours has been decided before. */
const paint = (style: "dim" | (typeof COLOURS)[Level], text: string) =>
  styleText(style, text, { validateStream: false });

/** With quotes where it could not be told from what follows. */
function textOf(value: unknown): string {
  const text = shown(String(value));
  return /[\s"=]/.test(text) || text === "" ? `"${text.replaceAll('"', '\\"')}"` : text;
}
