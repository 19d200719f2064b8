import type { Level, Log, LogFields } from "./log.ts";

/** Of one kind at most this many lines are written in a window, unless it is said otherwise. */
const MOST = 60;
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
 * A log for what anybody outside can bring about. Warnings and errors of one kind are written `most` times a minute;
 * then one line has the count of the others, so that a flood neither fills the disk nor leaves no trace.
 */
export function sampleLog(log: Log, most = MOST): SampledLog {
  const windows = new Map<string, Window>();
  const at =
    (level: Level) =>
    (event: string, fields: LogFields = {}) => {
      const kind = JSON.stringify([level, event, ...KIND.map((name) => fields[name])]);
      let window = windows.get(kind);
      if (!window) {
        window = new Window(most, (left) => {
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

/** A minute of one kind of line. */
class Window {
  readonly #most: number;
  readonly #ended: (left: LogFields & { count: number }) => void;
  readonly #timer: NodeJS.Timeout;
  #lines = 0;
  #common: LogFields = {};

  constructor(most: number, ended: (left: LogFields & { count: number }) => void) {
    this.#most = most;
    this.#ended = ended;
    this.#timer = setTimeout(() => this.end(), WINDOW_MS).unref();
  }

  /** Whether this line is written; otherwise it is counted. */
  takes(fields: LogFields): boolean {
    this.#lines += 1;
    if (this.#lines <= this.#most) return true;
    const before: LogFields = this.#lines === this.#most + 1 ? fields : this.#common;
    const alike = COMMON.filter((name) => before[name] !== undefined && before[name] === fields[name]);
    this.#common = Object.fromEntries(alike.map((name) => [name, fields[name]]));
    return false;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ended({ ...this.#common, count: Math.max(0, this.#lines - this.#most) });
  }
}
