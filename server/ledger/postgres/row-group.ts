import { type End, Together } from "../together.ts";
import { nameOf, type UserKey } from "../user-key.ts";
import type { PostgresDatabase } from "./database.ts";
import { GROUP } from "./group.ts";
import { isOfOneRow } from "./trouble.ts";

/** How rows of one kind are written. */
export interface Writing<Asked> {
  userOf(asked: Asked): UserKey;
  /** One array for each parameter. */
  valuesOf(group: readonly Asked[]): unknown[][];
  /**
   * Writes those that are still as they were read, and selects whose they are.
   * @param locked `FOR UPDATE`, with what is to become of rows that somebody else has locked
   */
  statement(locked: string, group: readonly Asked[]): string;
}

/**
 * Rows that are written together: one statement, one commit, one flush of the disk. It waits for nobody's lock, and one that the
 * database refuses takes nothing of the others along.
 */
export class RowGroup<Asked> {
  readonly #db: PostgresDatabase;
  readonly #writing: Writing<Asked>;
  readonly #together = new Together((group: readonly Asked[]) => this.#writeAll(group), GROUP);

  constructor(db: PostgresDatabase, writing: Writing<Asked>) {
    this.#db = db;
    this.#writing = writing;
  }

  /** @returns whether the row was still as it was read, and nobody else had it locked */
  write(asked: Asked): Promise<boolean> {
    return this.#together.ask(asked);
  }

  /** Waits for whoever has the row locked. @returns whether the row was still as it was read */
  async writeAlone(asked: Asked): Promise<boolean> {
    return (await this.#query([asked], "FOR UPDATE")).size === 1;
  }

  async #writeAll(group: readonly Asked[]): Promise<End<boolean>[]> {
    // Of two changes of one row the second has not seen the first.
    const firsts = new Map(group.toReversed().map((asked) => [this.#nameOf(asked), asked]));
    try {
      const written = await this.#query([...firsts.values()], "FOR UPDATE SKIP LOCKED");
      return group.map((asked) => {
        const name = this.#nameOf(asked);
        return { answer: written.has(name) && firsts.get(name) === asked };
      });
    } catch (error) {
      if (group.length === 1 || !isOfOneRow(error)) throw error;
      return Promise.all(group.map((asked) => this.#endAlone(asked)));
    }
  }

  #endAlone(asked: Asked): Promise<End<boolean>> {
    return this.writeAlone(asked).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
  }

  #nameOf(asked: Asked): string {
    return nameOf(this.#writing.userOf(asked));
  }

  /** @returns the names of those that were written */
  async #query(group: readonly Asked[], locked: string): Promise<Set<string>> {
    const { rows } = await this.#db.often<{ channel_id: string; user_id: string }>(
      this.#writing.statement(locked, group),
      this.#writing.valuesOf(group),
    );
    return new Set(rows.map(({ channel_id: channelId, user_id: userId }) => nameOf({ channelId, userId })));
  }
}
