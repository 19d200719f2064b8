import { LRUCache } from "lru-cache";
import type { Level, Log } from "../log.ts";

/** Between two lines that say the same, in milliseconds. */
const EVERY_MS = 60_000;

/** A log in which the same line stands once a minute at the most, with the `count` of what it stands for. */
export function onceAMinute(log: Log): Log {
  const said = new LRUCache<string, { at: number; unsaid: number }>({ max: 200 });
  const at =
    (level: Level): Log[Level] =>
    (event, fields = {}) => {
      const line = JSON.stringify([level, event, fields]);
      const before = said.get(line);
      const now = performance.now();
      if (before && now - before.at < EVERY_MS) {
        before.unsaid += 1;
        return;
      }
      said.set(line, { at: now, unsaid: 0 });
      log[level](event, before && before.unsaid > 0 ? { ...fields, count: before.unsaid + 1 } : fields);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
