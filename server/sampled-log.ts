import type { Level, Log, LogFields } from "./log.ts";

/** Of one kind at most this many lines are written in a window, unless it is said otherwise. */
const MOST = 60;
/** Of all kinds together at most this many, but for the first ones of each, so that no kind hides another. */
const MOST_TOGETHER = 180;
const FIRST_ONES = 3;
const WINDOW_MS = 60_000;
/** Fields that make lines of one event different kinds. They hold words of ours, keys of fields and statuses: a few. */
const KIND = ["problem", "upstream", "setting", "field"] as const;
/** Fields that the line of the count has, where all lines that it stands for have them alike. */
const COMMON = [...KIND, "status", "network", "origin", "cause"] as const;

export interface SampledLog extends Log {
  /** Writes the counts of what was left out until now. */
  flush(): void;
}

/**
 * A log for what anybody outside can bring about. Warnings and errors of one kind are written `most` times a minute, and
 * of all kinds a few a second; then one line of each kind has the count of its others, so that a flood neither fills the
 * disk nor leaves no trace.
 */
export function sampleLog(log: Log, most = MOST): SampledLog {
  const windows = new Map<string, Window>();
  const together = new Minute(MOST_TOGETHER);
  const at =
    (level: Level) =>
    (event: string, fields: LogFields = {}) => {
      const kind = JSON.stringify([level, event, ...KIND.map((name) => fields[name])]);
      let window = windows.get(kind);
      if (!window) {
        window = new Window(most, together, (left) => {
          windows.delete(kind);
          if (left.count > 0) log[level](`${event} (the rest, in one line)`, left);
        });
        windows.set(kind, window);
      }
      if (window.takes(fields)) log[level](event, fields);
    };
  return {
    info: log.info,
    warn: at("warn"),
    error: at("error"),
    flush: () => {
      for (const window of [...windows.values()]) window.end();
    },
  };
}

/** Lines of all kinds in a minute, which begins with the first. */
class Minute {
  readonly #most: number;
  #lines = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a line, and says whether it is one of those for which there is room. */
  hasRoom(): boolean {
    if (this.#lines === 0) setTimeout(() => (this.#lines = 0), WINDOW_MS).unref();
    this.#lines += 1;
    return this.#lines <= this.#most;
  }
}

/** A minute of one kind of line. */
class Window {
  readonly #most: number;
  readonly #together: Minute;
  readonly #ended: (left: LogFields & { count: number }) => void;
  readonly #timer: NodeJS.Timeout;
  #written = 0;
  #leftOut = 0;
  #common: LogFields = {};

  constructor(most: number, together: Minute, ended: (left: LogFields & { count: number }) => void) {
    this.#most = most;
    this.#together = together;
    this.#ended = ended;
    this.#timer = setTimeout(() => this.end(), WINDOW_MS).unref();
  }

  /** Whether this line is written; otherwise it is counted. */
  takes(fields: LogFields): boolean {
    if (this.#written < this.#most && (this.#written < FIRST_ONES || this.#together.hasRoom())) {
      this.#written += 1;
      return true;
    }
    const before: LogFields = this.#leftOut === 0 ? fields : this.#common;
    const alike = COMMON.filter((name) => before[name] !== undefined && before[name] === fields[name]);
    this.#common = Object.fromEntries(alike.map((name) => [name, fields[name]]));
    this.#leftOut += 1;
    return false;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ended({ ...this.#common, count: this.#leftOut });
  }
}
