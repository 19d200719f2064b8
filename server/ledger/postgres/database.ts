import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { clientFor } from "./connect/client.ts";
import { limitedQuery, resultIn } from "./connect/limited-query.ts";
import { planNameOf } from "./connect/plan-name.ts";
import { isBehindPooler } from "./connect/pooler.ts";
import { forSchema } from "./connect/schema-name.ts";
import { type DatabaseUrl, readDatabaseUrl } from "./connect/url.ts";
import { checkDurability } from "./durability.ts";
import { warningsOfGrants } from "./grants.ts";
import { checkOwnership } from "./ownership.ts";
import { checkForCommand, migrate } from "./schema.ts";
import { isNoneToSpare, isOfKeptPlan, troubleOf } from "./trouble.ts";

/** To get a connection, new or from the pool; for the server to answer; and for a server that does not. Milliseconds. */
const CONNECT_MS = 3000;
const STATEMENT_MS = 4000;
const ANSWER_MS = 5000;
const KEEP_ALIVE_MS = 10_000;
/** For the server to take leave, when all is closed. */
const LEAVE_MS = 2000;
/**
 * All that comes often is a few rows by an index. A plan that was made for a table of ten rows must not go through all of it when
 * it has a million, nor be compiled for what that would cost. What an operator sets in the URL comes after it, and counts.
 */
const BY_INDEX = "-c enable_seqscan=off -c jit=off";
/** Where the server has no connection to spare, another try after so long, in milliseconds. */
const SPARE_MS = 50;

const POOLED =
  "the database is behind a pooler: other instances' work is found by looking every few seconds and not by listening";

/** What comes back as text by default and is a number here: none of ours is beyond 2^53. */
const INT8 = 20;
const types = {
  getTypeParser: ((id: number, format?: "text") =>
    id === INT8 ? Number : pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser,
};

export interface Tell {
  /** Of what an operator should see and that stops nothing. */
  warn?: ((text: string) => void) | undefined;
  /** Of what is as it should be, and good to know. */
  note?: ((text: string) => void) | undefined;
}

/** A PostgreSQL database with our schema in it, which is looked for, or made, before the first statement. */
export class PostgresDatabase {
  readonly #url: DatabaseUrl;
  readonly #options: pg.ClientConfig;
  readonly #Client: typeof pg.Client;
  readonly #mustExist: boolean;
  readonly #tell: Tell;
  readonly #sockets = new Set<Socket>();
  #pool: pg.Pool | undefined;
  #isPooled = false;
  /** Somebody in between, or a later version of this, has done something to plans that were kept. */
  #keepsNoPlan = false;
  #ready: Promise<void> | undefined;

  /**
   * @param mustExist for who only looks in: makes nothing
   * @throws {UrlMistake}
   */
  constructor(url: string, { mustExist = false, ...tell }: { mustExist?: boolean } & Tell = {}) {
    this.#mustExist = mustExist;
    this.#tell = tell;
    this.#url = readDatabaseUrl(url);
    this.#Client = clientFor(this.#url);
    this.#options = {
      connectionTimeoutMillis: CONNECT_MS,
      ...this.#url.client,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      stream: () => this.#newSocket(),
    };
  }

  /** What is said of a statement, or of the schema, with the schema's own name. */
  named(text: string): string {
    return forSchema(text, this.#url.schema);
  }

  /** Whether a session is lent to others between two statements, so that nothing may be left in it. Known once open. */
  get isPooled(): boolean {
    return this.#isPooled;
  }

  /** Connects, and makes or checks the schema. What failed is tried again by the next call. */
  open(): Promise<void> {
    this.#ready ??= this.#whenThereIsOne(() => this.#prepare()).catch((error) => {
      this.#ready = undefined;
      throw this.#troubleOf(error);
    });
    return this.#ready;
  }

  /** One statement, committed when it resolves. Its connection is not used again where it fails. */
  async query<T extends pg.QueryResultRow>(
    statement: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<T>> {
    const pool = this.#pool ?? (await this.#openPool());
    try {
      return await this.#queryNow<T>(pool, statement, values);
    } catch (error) {
      if (!isNoneToSpare(error)) throw this.#troubleOf(error);
    }
    return this.#whenThereIsOne(() => this.#queryNow<T>(pool, statement, values)).catch((error) => {
      throw this.#troubleOf(error);
    });
  }

  /**
   * One statement that comes all the time, committed when it resolves: the server keeps its plan, which takes longer to make than
   * to carry out, in a session that is lent to nobody else. It must be one for which any plan by an index will do.
   */
  async often<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<pg.QueryResult<T>> {
    await this.open();
    if (this.#keepsNoPlan || this.#isPooled) return this.query<T>(text, values);
    try {
      return await this.query<T>({ name: planNameOf(text), text, values });
    } catch (error) {
      if (!isOfKeptPlan(error)) throw error;
      this.#keepsNoPlan = true;
      return this.query<T>(text, values);
    }
  }

  /** No more than it takes: nearly every identify ends with this. */
  async #queryNow<T extends pg.QueryResultRow>(
    pool: pg.Pool,
    statement: string | pg.QueryConfig,
    values: unknown[] | undefined,
  ): Promise<pg.QueryResult<T>> {
    if (!this.#isPooled) return pool.query<T>(statement, values);
    return resultIn<T>(await pool.query(limitedQuery(statement, values, STATEMENT_MS)));
  }

  async #openPool(): Promise<pg.Pool> {
    await this.open();
    this.#pool ??= this.#newPool();
    return this.#pool;
  }

  #newPool(): pg.Pool {
    const pool = new pg.Pool({
      ...this.#options,
      ...this.#limited(STATEMENT_MS),
      ...this.#planned(),
      max: this.#url.max,
      query_timeout: ANSWER_MS,
      types,
      Client: this.#Client,
    });
    // A connection that breaks while nobody uses it. Who needs the next one learns what is the matter.
    pool.on("error", () => {});
    return pool;
  }

  /** What goes with plans that are kept. */
  #planned(): pg.ClientConfig {
    const { options = "" } = this.#options;
    return this.#isPooled ? {} : { options: `${BY_INDEX} ${options}`.trimEnd() };
  }

  /** What a server takes at the start of a session, and a pooler refuses. */
  #limited(ms: number): pg.ClientConfig {
    return this.#isPooled ? {} : { statement_timeout: ms };
  }

  /** Fewer connections than wished are waited for: one of ours, or of somebody else, is free again in a moment. */
  async #whenThereIsOne<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + CONNECT_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isNoneToSpare(error) || performance.now() > deadline) throw error;
        await sleep(SPARE_MS * (0.5 + Math.random()));
      }
    }
  }

  /**
   * One statement that may take its time, outside of any transaction, on a connection of its own.
   * @returns the SQLSTATE of what the server has warned of, if it has
   */
  async alone(statement: string, workMs: number): Promise<string | undefined> {
    await this.open();
    const client = this.newClient({ ...this.#limited(workMs), query_timeout: workMs });
    let warned: string | undefined;
    client.on("notice", ({ severity, code }) => {
      if (severity !== "INFO") warned ??= code;
    });
    try {
      await client.connect();
      await client.query(statement);
      return warned;
    } catch (error) {
      throw this.#troubleOf(error);
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Some statements in one transaction, at the end of which nothing of it is left in the session. */
  async inTransaction(statements: string): Promise<void> {
    await this.open();
    const client = this.newClient({ query_timeout: ANSWER_MS });
    try {
      await client.connect();
      // One message, and so one transaction.
      await client.query(statements);
    } catch (error) {
      throw this.#troubleOf(error);
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** A connection of its own, which nobody has opened yet; without the pool's limits on time. */
  newClient(more: pg.ClientConfig = {}): pg.Client {
    const client = new this.#Client({ ...this.#options, ...more });
    client.on("error", () => {});
    return client;
  }

  #troubleOf(error: unknown): Error {
    const trouble = troubleOf(error, this.#url.where);
    trouble.message = this.named(trouble.message);
    return trouble;
  }

  /** Ends every connection; by force those whose other end does not answer any more. */
  async close(): Promise<void> {
    await this.#ready?.catch(() => {});
    await Promise.race([this.#pool?.end(), sleep(LEAVE_MS, undefined, { ref: false })]);
    for (const socket of this.#sockets) socket.destroy();
  }

  #newSocket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    return socket.once("close", () => this.#sockets.delete(socket));
  }

  async #prepare(): Promise<void> {
    const client = this.newClient();
    try {
      await client.connect();
      this.#isPooled = await isBehindPooler(client);
      await checkOwnership(client, { isCommand: this.#mustExist });
      if (!this.#mustExist) {
        await checkDurability(client);
        await migrate(client);
        for (const warning of await warningsOfGrants(client)) this.#tell.warn?.(this.named(warning));
        if (this.#isPooled) this.#tell.note?.(POOLED);
      } else await checkForCommand(client);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
