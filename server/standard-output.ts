let turnHasWritten = false;
let held: string[] = [];

/**
 * Writes a line to standard output. The first of a turn of the event loop goes out at once, and those after it
 * together at its end, in their order: each write waits for the system, and at some thousand requests a second a
 * write for each would be a tenth of all the work. Whatever error of its own ends the process, what is held goes
 * out before; when it is killed, it is lost.
 */
export function writeLine(line: string): void {
  if (turnHasWritten) {
    held.push(line);
    return;
  }
  turnHasWritten = true;
  setImmediate(endTurn);
  process.stdout.write(`${line}\n`);
}

function endTurn(): void {
  turnHasWritten = false;
  writeHeld();
}

function writeHeld(): void {
  if (held.length === 0) return;
  const text = `${held.join("\n")}\n`;
  held = [];
  process.stdout.write(text);
}

process.on("exit", writeHeld);
