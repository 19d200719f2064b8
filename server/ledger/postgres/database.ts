import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { warningsOfGrants } from "./grants.ts";
import { checkOwnership } from "./ownership.ts";
import { withPoolSize } from "./pool-size.ts";
import { checkForCommand, migrate } from "./schema.ts";
import { troubleOf } from "./trouble.ts";

/** To get a connection, new or from the pool; for the server to answer; and for a server that does not. Milliseconds. */
const CONNECT_MS = 3000;
const STATEMENT_MS = 4000;
const ANSWER_MS = 5000;
const KEEP_ALIVE_MS = 10_000;
/** For the server to take leave, when all is closed. */
const LEAVE_MS = 2000;
/** Where the server has no connection to spare, another try after so long, in milliseconds. */
const SPARE_MS = 50;
const NONE_TO_SPARE = "53300";

/** What comes back as text by default and is a number here: none of ours is beyond 2^53. */
const INT8 = 20;
const types = {
  getTypeParser: ((id: number, format?: "text") =>
    id === INT8 ? Number : pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser,
};

/** A PostgreSQL database with our schema in it, which is looked for, or made, before the first statement. */
export class PostgresDatabase {
  readonly #pool: pg.Pool;
  readonly #options: pg.ClientConfig;
  readonly #mustExist: boolean;
  readonly #warn: (text: string) => void;
  readonly #where: string;
  readonly #sockets = new Set<Socket>();
  #ready: Promise<void> | undefined;

  /**
   * @param mustExist for who only looks in: makes nothing
   * @param warn is told of what an operator should see and that stops nothing
   */
  constructor(
    url: string,
    {
      mustExist = false,
      warn = () => {},
    }: { mustExist?: boolean; warn?: ((text: string) => void) | undefined } = {},
  ) {
    this.#mustExist = mustExist;
    this.#warn = warn;
    const { url: connectionString, max } = withPoolSize(url);
    this.#options = {
      connectionString,
      application_name: "vambe-identity",
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      stream: () => this.#newSocket(),
    };
    const { host, port } = URL.parse(url) ?? { host: "", port: "" };
    this.#where = port || !host ? host || "the local socket" : `${host}:5432`;
    this.#pool = new pg.Pool({
      ...this.#options,
      max,
      statement_timeout: STATEMENT_MS,
      query_timeout: ANSWER_MS,
      types,
    });
    // A connection that breaks while nobody uses it. Who needs the next one learns what is the matter.
    this.#pool.on("error", () => {});
  }

  /** Connects, and makes or checks the schema. What failed is tried again by the next call. */
  open(): Promise<void> {
    this.#ready ??= this.#whenThereIsOne(() => this.#prepare()).catch((error) => {
      this.#ready = undefined;
      throw troubleOf(error, this.#where);
    });
    return this.#ready;
  }

  /** One statement, committed when it resolves. Its connection is not used again where it fails. */
  async query<T extends pg.QueryResultRow>(
    statement: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<T>> {
    await this.open();
    try {
      return await this.#whenThereIsOne(() => this.#pool.query<T>(statement, values));
    } catch (error) {
      throw troubleOf(error, this.#where);
    }
  }

  /** Fewer connections than wished are waited for: one of ours, or of somebody else, is free again in a moment. */
  async #whenThereIsOne<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + CONNECT_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (Object(error).code !== NONE_TO_SPARE || performance.now() > deadline) throw error;
        await sleep(SPARE_MS * (0.5 + Math.random()));
      }
    }
  }

  /**
   * One statement that may take its time, outside of any transaction, on a connection of its own.
   * @returns whether the server has warned of something
   */
  async alone(statement: string, { lockMs, workMs }: { lockMs: number; workMs: number }): Promise<boolean> {
    await this.open();
    const client = this.newClient();
    let warned = false;
    client.on("notice", ({ severity }) => {
      warned ||= severity !== "INFO";
    });
    try {
      await client.connect();
      await client.query(`SET lock_timeout = ${lockMs}; SET statement_timeout = ${workMs}`);
      await client.query(statement);
      return warned;
    } catch (error) {
      throw troubleOf(error, this.#where);
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** A connection of its own, which nobody has opened yet; without the pool's limits on time. */
  newClient(): pg.Client {
    const client = new pg.Client(this.#options);
    client.on("error", () => {});
    return client;
  }

  /** Ends every connection; by force those whose other end does not answer any more. */
  async close(): Promise<void> {
    await this.#ready?.catch(() => {});
    await Promise.race([this.#pool.end(), sleep(LEAVE_MS, undefined, { ref: false })]);
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
      await checkOwnership(client, { isCommand: this.#mustExist });
      if (!this.#mustExist) {
        await migrate(client);
        for (const warning of await warningsOfGrants(client)) this.#warn(warning);
      } else await checkForCommand(client);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
