/** What an import has done so far, and how fast. */
export interface Done {
  rows: number;
  failed: number;
  /** How much of the file, from 0 to 1; `undefined` where nobody knows how long it is. */
  share: number | undefined;
}

/** Between two lines in a log, and two pictures on a terminal, in milliseconds. */
const LOG_EVERY_MS = 30_000;
const DRAW_EVERY_MS = 250;
const BAR = 24;
/** The rate is that of the last so many milliseconds. */
const RATE_OVER_MS = 30_000;

/** Shows how far it is: a bar that moves on a terminal, a line now and then in a log. */
export class Progress {
  readonly #output: { write(text: string): unknown };
  readonly #isTerminal: boolean;
  readonly #samples: { at: number; rows: number; share: number | undefined }[] = [];
  #shownAt = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(output: { write(text: string): unknown }, isTerminal: boolean) {
    this.#output = output;
    this.#isTerminal = isTerminal;
  }

  show(done: Done, now = performance.now()): void {
    this.#samples.push({ at: now, rows: done.rows, share: done.share });
    while ((this.#samples[1]?.at ?? now) < now - RATE_OVER_MS) this.#samples.shift();
    if (now - this.#shownAt < (this.#isTerminal ? DRAW_EVERY_MS : LOG_EVERY_MS)) return;
    this.#shownAt = now;
    const text = this.#textOf(done, now);
    this.#output.write(this.#isTerminal ? `\r${text}\u001b[K` : `${text}\n`);
    this.#drawn = this.#isTerminal;
  }

  /** Says something beside it. */
  say(line: string): void {
    this.#output.write(`${this.#drawn ? "\r\u001b[K" : ""}${line}\n`);
    this.#drawn = false;
    if (this.#isTerminal) this.#shownAt = Number.NEGATIVE_INFINITY;
  }

  #textOf({ rows, failed, share }: Done, now: number): string {
    const [first] = this.#samples;
    const seconds = (now - (first?.at ?? now)) / 1000;
    const rate = seconds > 0 ? (rows - (first?.rows ?? 0)) / seconds : 0;
    const gained = (share ?? 0) - (first?.share ?? 0);
    const left = share !== undefined && gained > 0 ? ((1 - share) / gained) * seconds : undefined;
    return [
      ...(share === undefined ? [] : [this.#isTerminal ? bar(share) : `${(share * 100).toFixed(1)} %`]),
      `${rows.toLocaleString("en")} rows`,
      `${rate.toFixed(1)}/s`,
      ...(left === undefined || share === 1 ? [] : [`${spanOf(left)} left`]),
      ...(failed > 0 ? [`${failed.toLocaleString("en")} failed`] : []),
    ].join("  ");
  }
}

function bar(share: number): string {
  const filled = Math.round(share * BAR);
  return `[${"#".repeat(filled)}${"-".repeat(BAR - filled)}] ${(share * 100).toFixed(1)} %`;
}

/** Seconds as a person says them. */
export function spanOf(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}
