import { writeSync } from "node:fs";
import { Socket } from "node:net";

const LINE_FEED = 10;

/** A file that has become full may have taken the first half of a line. */
let lineIsCut = false;
let ignoring = false;

/**
 * Writes whole lines to standard output. `done` hears how many of them did not get out: at once where it is a file, and
 * where it is a pipe when its reader has taken them, or has gone. An error is no event of the process: whoever has a
 * full disk or a reader that has gone wants the process to go on.
 */
export function writeOut(text: string, done: (lost: number) => void): void {
  const { stdout } = process;
  if (stdout.fd === 1 && !(stdout instanceof Socket)) {
    done(writeToFile(text));
    return;
  }
  // Bytes, since `writableLength` counts what it is given.
  const bytes = Buffer.from(text);
  stdout.write(bytes, (error) => {
    if (error) ignoreItsEvent();
    done(error ? linesIn(bytes) : 0);
  });
}

/** Node's own stream takes a short write for a whole one. */
function writeToFile(text: string): number {
  const bytes = Buffer.from(lineIsCut ? `\n${text}` : text);
  const begin = lineIsCut ? 1 : 0;
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(1, bytes, written);
  } catch {
    // Who hears of it, and when, is for `done` to say.
  }
  if (written > 0) lineIsCut = bytes[written - 1] !== LINE_FEED;
  return linesIn(bytes.subarray(Math.max(begin, written)));
}

function linesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}

/** After the callback the stream emits the error as well, which would end the process. Errors of others are theirs. */
function ignoreItsEvent(): void {
  if (ignoring) return;
  ignoring = true;
  const ignore = () => {};
  process.stdout.on("error", ignore);
  setImmediate(() => {
    ignoring = false;
    process.stdout.off("error", ignore);
  });
}
