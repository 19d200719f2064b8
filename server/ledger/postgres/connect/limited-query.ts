import pg from "pg";

type Extended = pg.QueryConfig & { queryMode: "extended" };

/**
 * A statement with a limit on its time that goes with it, for connections that a pooler lends to somebody else right
 * after: what is set for a session would be his too, and what is asked for at the start of one poolers refuse. The limit
 * is a statement of the same transaction and goes out in the same breath, so that there is no second round trip.
 * Where it fails, the transaction ends with it: at the one Sync that comes last.
 */
export function limitedQuery(
  statement: string | pg.QueryConfig,
  values: unknown[] | undefined,
  limitMs: number,
): pg.Query {
  const config: Extended = {
    ...(typeof statement === "string" ? { text: statement } : statement),
    ...(values ? { values } : {}),
    // Without values it would be sent by the simple protocol, which begins a transaction of its own.
    queryMode: "extended",
  };
  const query = new pg.Query(config);
  const submit = query.submit.bind(query);
  query.submit = (connection) => {
    connection.stream.cork();
    // Executed and never described: it has no row.
    connection.parse({ name: "", text: limit(limitMs), types: [] }, true);
    connection.bind({}, true);
    connection.execute({}, true);
    const mistake = submit(connection);
    connection.stream.uncork();
    return mistake;
  };
  return query;
}

const limit = (ms: number) =>
  `SELECT 1 FROM (SELECT pg_catalog.set_config('statement_timeout', '${ms}', true) AS done) AS set WHERE done IS NULL`;

/** What the statement itself has resulted in. @param results as the client gives them: the limit's first */
export function resultIn<T extends pg.QueryResultRow>(results: unknown): pg.QueryResult<T> {
  return (results as pg.QueryResult<T>[])[1] as pg.QueryResult<T>;
}
