import { readFileSync } from "node:fs";

/** A system call. Times are seconds since the epoch, by this machine's clock. */
interface Call {
  name: string;
  file: string;
  beganAt: number;
  endedAt: number;
  /** What was written, and the result. */
  text: string;
}

/** Where what is committed stands first: SQLite's write-ahead log, or PostgreSQL's. */
const LOG = /-wal$|\/pg_wal\//;

/**
 * Reads what strace has written.
 * @returns those of these ids that were answered before the flush of the log that holds them had returned
 */
export function earlyAnswers(files: readonly string[], ids: readonly string[]): string[] {
  const calls = files.flatMap((file) => callsIn(readFileSync(file, "latin1")));
  const answers = calls.filter(({ text }) => text.includes("HTTP/1.1 200"));
  const toLog = calls.filter(({ file }) => LOG.test(file));
  const flushes = toLog.filter(({ name, text }) => /sync$/.test(name) && / = 0 </.test(text));
  const writes = toLog.filter(({ name }) => !/sync$/.test(name));
  return ids.filter((id) => {
    const answer = answers.find(({ text }) => text.includes(id));
    if (!answer) throw new Error(`${id} was not answered`);
    const write = writes.find(({ text }) => text.includes(id));
    return !flushes.some(
      ({ file, beganAt, endedAt }) =>
        write && file === write.file && beganAt >= write.endedAt && endedAt <= answer.beganAt,
    );
  });
}

/** `<process> <time> <name>(<number><<file>>, …) = <result> <<duration>>` */
const BEGINNING = /^(\d+) +(\d+\.\d+) (\w+)\(\d+<([^>]*)>(.*)$/;
/** Where calls of other threads come in between, a call has two lines. */
const RESUMED = /^(\d+) +(\d+\.\d+) <\.\.\. \w+ resumed>(.*)$/;
const UNFINISHED = " <unfinished ...>";
const DURATION = /<(\d+\.\d+)>$/;

function callsIn(trace: string): Call[] {
  const calls: Call[] = [];
  const unfinished = new Map<string, Call>();
  for (const line of trace.split("\n")) {
    const [, process = "", time = "", name = "", file = "", text = ""] = BEGINNING.exec(line) ?? [];
    const [, resumed = "", endedAt = "", result = ""] = RESUMED.exec(line) ?? [];
    const begun = unfinished.get(resumed);
    if (begun) {
      unfinished.delete(resumed);
      calls.push({ ...begun, endedAt: Number(endedAt), text: begun.text + result });
    } else if (process !== "") {
      const took = Number(DURATION.exec(text)?.[1] ?? 0);
      const call = { name, file, beganAt: Number(time), endedAt: Number(time) + took, text };
      if (text.endsWith(UNFINISHED)) unfinished.set(process, call);
      else calls.push(call);
    }
  }
  return calls;
}
