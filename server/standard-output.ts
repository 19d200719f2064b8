import { setTimeout as sleep } from "node:timers/promises";
import { createLog, type Line } from "./log.ts";
import { writeOut } from "./write-out.ts";

/** How much may wait for a slow reader, in bytes. */
const MOST_HELD = 1024 * 1024;
/** How long an output that has failed is left alone, in milliseconds. */
const RETRY_MS = 1000;

let turnHasWritten = false;
let held: string[] = [];
let heldBytes = 0;
/** Lines that got lost and were not told of yet. While there are any, those that come are lost too. */
let lost = 0;
let retry: NodeJS.Timeout | undefined;

/**
 * Writes a line to standard output. The first of a turn of the event loop goes out at once, and those after it
 * together at its end, in their order: each write waits for the system, and at some thousand requests a second a
 * write for each would be a tenth of all the work. Whatever error of its own ends the process, what is held goes
 * out before; when it is killed, it is lost.
 *
 * Never throws, waits or ends the process: where there is no room, lines are counted, and the count is written once
 * there is.
 */
export function writeLine(line: string): void {
  const bytes = Buffer.byteLength(line) + 1;
  if (lost > 0 || waitingBytes() + bytes > MOST_HELD) {
    lost += 1;
    return;
  }
  if (turnHasWritten) {
    held.push(line);
    heldBytes += bytes;
    return;
  }
  turnHasWritten = true;
  setImmediate(endTurn);
  writeOut(`${line}\n`, written);
}

/** Whether all that was written has got out, which is waited for so long and no longer. */
export async function hasDrained(withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (waitingBytes() > 0 && performance.now() < until) await sleep(10);
  return waitingBytes() === 0;
}

const waitingBytes = () => heldBytes + process.stdout.writableLength;

function endTurn(): void {
  turnHasWritten = false;
  writeHeld();
}

function writeHeld(): void {
  if (held.length === 0) return;
  const text = `${held.join("\n")}\n`;
  held = [];
  heldBytes = 0;
  writeOut(text, written);
}

function written(lostOfIt: number): void {
  if (lostOfIt > 0) loseUntilRetry(lostOfIt);
  // With half of it free there is not a line about losses for each that a slow reader takes.
  else if (lost > 0 && !retry && waitingBytes() <= MOST_HELD / 2) tell();
}

function loseUntilRetry(count: number): void {
  lost += count;
  retry ??= setTimeout(tell, RETRY_MS).unref();
}

let form: (line: Line) => string = JSON.stringify;

/** How this file's own lines are to look: as all others do. */
export function tellInForm(next: (line: Line) => string): void {
  form = next;
}

const toldIn = createLog(
  (line) => {
    const count = lost;
    lost = 0;
    writeOut(`${line}\n`, (failed) => (failed > 0 ? loseUntilRetry(count) : written(0)));
  },
  (line) => form(line),
);

/** Says how many lines were lost, which is also how an output that has failed is tried again. */
function tell(): void {
  clearTimeout(retry);
  retry = undefined;
  toldIn.warn("log lines were lost", { count: lost });
}

process.on("exit", () => {
  writeHeld();
  if (lost > 0) tell();
});
