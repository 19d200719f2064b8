import pg from "pg";
import type { Ledger } from "../../server/ledger/contract/ledger.ts";

/**
 * Stops a database's clock and, before each call that says what time it is, sets it to that. So a ledger that
 * goes by the database's clock can be told the time as any other.
 */
export async function atCallersTime<T extends Ledger>(url: string, ledger: T): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    CREATE TABLE IF NOT EXISTS test_clock (one integer PRIMARY KEY, ms bigint NOT NULL);
    INSERT INTO test_clock VALUES (1, 0) ON CONFLICT DO NOTHING;
    CREATE OR REPLACE FUNCTION vambe_identity.now_ms() RETURNS bigint LANGUAGE sql STABLE
      AS 'SELECT ms FROM public.test_clock'`);
  let setting: Promise<unknown> = Promise.resolve();
  let isAt: number | undefined;
  const setClock = async (now: number) => {
    if (now !== isAt) setting = setting.then(() => client.query("UPDATE test_clock SET ms = $1", [now]));
    isAt = now;
    await setting;
  };
  const atTime = <O extends object>(part: O): O =>
    new Proxy(part, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name === "carrying") return (channelId: string) => atTime(ledger.carrying(channelId));
        return async (...given: unknown[]) => {
          const now = given.at(-1);
          if (typeof now === "number" && now > 1e12) await setClock(now);
          if (name === "close") await client.end();
          return value.apply(target, given);
        };
      },
    });
  return atTime(ledger);
}
