import type { Counted, Counting } from "../contract/shared.ts";
import type { DataKey } from "../data-key.ts";
import { type End, Together } from "../together.ts";
import type { UserKey } from "../user-key.ts";
import type { PostgresDatabase } from "./database.ts";
import { GROUP } from "./group.ts";
import { COUNTED, type CountedColumns, countingOf, countsIn } from "./request-counts.ts";
import { asked, type KeptRow, ROW, type RowColumns, rowIn } from "./row.ts";
import { unnested } from "./unnested.ts";

/**
 * Users' rows, by their places in two arrays. Each is looked up by itself (that is what `OFFSET 0` is for), since a plan may have
 * been made when the table was empty.
 * @param first the number of the parameter that is the first array
 */
const rowsOf = (first: number) => `
  SELECT place, found.*, NULL::bigint AS first_requests, NULL::bigint AS first_ends_in_ms, NULL::bigint AS requests,
    NULL::bigint AS ends_in_ms
  FROM ${unnested(["text", "text"], first)} WITH ORDINALITY AS asked (channel_id, user_id, place), LATERAL (
    SELECT ${ROW} FROM vambe_identity.contact
    WHERE contact.channel_id = asked.channel_id AND contact.user_id = asked.user_id OFFSET 0) AS found`;
const ROWS = rowsOf(1);
const COUNTS = `WITH ${COUNTED} SELECT * FROM counted`;
const BOTH = `WITH ${COUNTED} ${rowsOf(5)} UNION ALL
  SELECT place, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, first_requests, first_ends_in_ms, requests,
    ends_in_ms
  FROM counted`;

type Asked = { user: UserKey } | { counting: Counting };
type Found = KeptRow | Counted | undefined;
/** `state` is null, or not there, where it is a count. */
type Columns = { place: number } & CountedColumns & (RowColumns | { state?: null });

/**
 * What an identify asks of the database before it writes anything: the user's row, and how many requests have come. All that
 * is asked for in one turn, or while an answer is under way, is one statement.
 */
export class PostgresLookups {
  readonly #db: PostgresDatabase;
  readonly #key: DataKey;
  readonly #together = new Together((group: readonly Asked[]) => this.#look(group), { ...GROUP, atOnce: 2 });

  constructor(db: PostgresDatabase, key: DataKey) {
    this.#db = db;
    this.#key = key;
  }

  row(user: UserKey): Promise<KeptRow | undefined> {
    return this.#together.ask({ user }) as Promise<KeptRow | undefined>;
  }

  /** @returns what was counted */
  count(counting: Counting): Promise<Counted> {
    return this.#together.ask({ counting }) as Promise<Counted>;
  }

  async #look(group: readonly Asked[]): Promise<End<Found>[]> {
    const users = group.flatMap((one) => ("user" in one ? [one.user] : []));
    const countings = group.flatMap((one) => ("counting" in one ? [one.counting] : []));
    const rows: (KeptRow | undefined)[] = users.map(() => undefined);
    const counts: Counted[] = countings.map(() => ({}));
    for (const columns of await this.#query(users, countings)) {
      const at = columns.place - 1;
      const user = users[at];
      if (!columns.state) counts[at] = countsIn(columns);
      else if (user) rows[at] = rowIn(this.#key, user, columns);
    }
    // Each kind is in the group's order.
    const [nextRow, nextCount] = [rows.values(), counts.values()];
    return group.map((one) => ({ answer: ("user" in one ? nextRow : nextCount).next().value }));
  }

  async #query(users: readonly UserKey[], countings: readonly Counting[]): Promise<Columns[]> {
    const both = users.length > 0 && countings.length > 0;
    const statement = both ? BOTH : users.length > 0 ? ROWS : COUNTS;
    const { rows } = await this.#db.often<Columns>(statement, [
      ...(countings.length > 0 ? countingOf(countings) : []),
      ...(users.length > 0 ? asked(users) : []),
    ]);
    return rows;
  }
}
