import { DatabaseSync } from "node:sqlite";
import { SqliteLedger } from "../../server/ledger/sqlite/ledger.ts";
import { dataKeyOf } from "../support/data-key.ts";
import { takeOne } from "../support/take-one.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { median } from "./load.ts";

const channelId = "a1b2c3d4-e5f6-4890-abcd-ef1234567890";
const ROUNDS = 200;

export interface RowTimes {
  rows: number;
  /** Medians, in microseconds. */
  unchanged: number;
  record: number;
  takeNext: number;
  settle: number;
  oldest: number;
}

/** How long the ledger takes, with so many users in it and so many of them waiting. */
export async function timeLedger(rows: number, waiting: number): Promise<RowTimes> {
  using folder = temporaryFolder();
  const ledger = new SqliteLedger(folder.file("ledger.db"), dataKeyOf("key"), channelId);
  const now = Date.now();
  const known = { channelId, userId: "known", verified: true, traits: { name: "Jane", verified: "true" } };
  await ledger.record(known, now);
  const first = await takeOne(ledger, known, now);
  if (first) await ledger.settle(first, { kind: "delivered", sent: first.traits, contactId: undefined }, now);
  fill(folder.file("ledger.db"), rows, waiting, now);

  const times = { unchanged: [], record: [], takeNext: [], settle: [], oldest: [] } as Record<
    "unchanged" | "record" | "takeNext" | "settle" | "oldest",
    number[]
  >;
  const timed = async <T>(what: keyof typeof times, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    times[what].push((performance.now() - began) * 1000);
    return result;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const at = now + round;
    await timed("unchanged", () => ledger.record(known, at));
    await timed("record", () => ledger.record({ ...known, userId: `new-${Math.random()}` }, at));
    const delivery = await timed("takeNext", () => ledger.takeNext(at));
    if (!delivery) throw new Error("nothing is due");
    const sent = delivery.traits;
    await timed("settle", () =>
      ledger.settle(delivery, { kind: "delivered", sent, contactId: undefined }, at),
    );
    await timed("oldest", () => ledger.oldestPending());
  }
  await ledger.close();
  return {
    rows,
    unchanged: median(times.unchanged),
    record: median(times.record),
    takeNext: median(times.takeNext),
    settle: median(times.settle),
    oldest: median(times.oldest),
  };
}

function fill(path: string, rows: number, waiting: number, now: number): void {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA synchronous = OFF");
  db.exec(`
    BEGIN;
    CREATE TEMP TABLE made AS WITH RECURSIVE made(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < ${rows})
      SELECT 'user-' || hex(randomblob(8)) AS id, n <= ${waiting} AS waits FROM made;
    INSERT INTO contact (channel_id, user_id, state, verified, generation, confirmed, attempts, next_attempt_at,
        lease_until, pending_since)
      SELECT '${channelId}', id, iif(waits, 'pending', 'idle'), 1, 1,
        '{"verified":"0123456789012345678901","name":"0123456789012345678901","email":"0123456789012345678901"}',
        0, ${now}, 0, iif(waits, ${now}, NULL) FROM made ORDER BY id;
    INSERT INTO payload (channel_id, user_id, traits)
      SELECT '${channelId}', id, '{"verified":"true","name":"Jane Doe","email":"jane@example.com"}'
      FROM made WHERE waits ORDER BY id;
    COMMIT;`);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}
