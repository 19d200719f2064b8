import { setImmediate } from "node:timers/promises";
import { within } from "../within.ts";

/** How it has ended for one of a group. */
export type End<Answer> = { answer: Answer } | { error: unknown };

interface Waiting<Asked, Answer> {
  asked: Asked;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Group commit: what is asked for in one turn of the event loop, or while a group is under way, is done together, as the
 * next group. Who comes alone waits for nobody.
 */
export class Together<Asked, Answer> {
  readonly #work: (group: readonly Asked[]) => Promise<readonly End<Answer>[]>;
  readonly #most: number;
  readonly #lateMs: number | undefined;
  readonly #underWay = new Set<Promise<void>>();
  readonly #atOnce: number;
  #waiting: Waiting<Asked, Answer>[] = [];
  #workers = 0;

  /**
   * @param work says of each how it has ended, in the same order; where it rejects, all of the group have failed
   * @param limits `most` in one group: the others are in the next. `atOnce`: so many groups are under way at once, one where
   * it is left out. `lateMs`: after so many milliseconds the next group begins all the same, since what holds up the one may
   * have nothing to do with the other; without it, it waits.
   */
  constructor(
    work: (group: readonly Asked[]) => Promise<readonly End<Answer>[]>,
    { most = Infinity, atOnce = 1, lateMs }: { most?: number; atOnce?: number; lateMs?: number } = {},
  ) {
    this.#work = work;
    this.#most = most;
    this.#atOnce = atOnce;
    this.#lateMs = lateMs;
  }

  ask(asked: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ asked, resolve, reject });
      if (this.#workers < this.#atOnce) void this.#workAll();
    });
  }

  /** Resolves when all that has been asked for by now has ended. */
  async ended(): Promise<void> {
    while (this.#waiting.length > 0 || this.#underWay.size > 0) {
      await setImmediate();
      await Promise.all(this.#underWay);
    }
  }

  async #workAll(): Promise<void> {
    this.#workers += 1;
    while (this.#waiting.length > 0) {
      // Who comes in this turn comes along.
      await setImmediate();
      if (this.#waiting.length === 0) break;
      const group = this.#workOn(this.#waiting.splice(0, this.#most));
      this.#underWay.add(group);
      const ended = group.then(() => this.#underWay.delete(group));
      await (this.#lateMs === undefined ? ended : within(this.#lateMs, ended).catch(() => {}));
    }
    this.#workers -= 1;
  }

  async #workOn(group: readonly Waiting<Asked, Answer>[]): Promise<void> {
    try {
      const ends = await this.#work(group.map(({ asked }) => asked));
      for (const [at, { resolve, reject }] of group.entries()) {
        const end = ends[at] ?? { error: new Error("nothing is known of its end") };
        if ("error" in end) reject(end.error);
        else resolve(end.answer);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
