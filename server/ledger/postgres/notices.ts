import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { z } from "zod/mini";
import { backoffWithFloor } from "../../backoff.ts";
import type { Notice } from "../contract/shared.ts";
import type { PostgresDatabase } from "./database.ts";
import { unnested } from "./unnested.ts";

const CHANNEL = "vambe_identity";
/** Notices are gathered for 10 milliseconds and sent together: at most 7000 bytes at once, of the 8000 that are allowed. */
const GATHER_MS = 10;
const MOST_BYTES = 7000;
/** Between two tries to connect, and between two looks at whether the connection still is one. Milliseconds. */
const RECONNECT = { base: 500, cap: 15_000 };
const HEARTBEAT_MS = 15_000;
const HEARTBEAT_ANSWER_MS = 5000;
/** How long a farewell may take, in milliseconds. */
const LEAVE_MS = 1000;

const heard = z.object({
  from: z.string(),
  notices: z.array(
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("recorded") }),
      z.object({ kind: z.literal("due") }),
      z.object({
        kind: z.literal("settled"),
        channelId: z.string(),
        userId: z.string(),
        generation: z.number(),
        withheld: z.optional(z.array(z.string())),
        refused: z.optional(z.array(z.string())),
        rejected: z.optional(z.boolean()),
      }),
    ]),
  ),
});

/**
 * What the instances tell each other, by LISTEN and NOTIFY. It goes out after the commit that it is about and not
 * as a part of it, since PostgreSQL lets transactions that notify commit one after another only.
 */
export class PostgresNotices {
  readonly #db: PostgresDatabase;
  readonly #self = randomUUID();
  readonly #hearers: ((notice: Notice) => void)[] = [];
  #client: Client | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #gathered = new Map<string, Notice>();
  #sending: NodeJS.Timeout | undefined;

  constructor(db: PostgresDatabase) {
    this.#db = db;
  }

  /** Never rejects: nobody depends on it. */
  tell(notice: Notice): void {
    const text = JSON.stringify(notice);
    if (this.#closed || Buffer.byteLength(text) > MOST_BYTES) return;
    this.#gathered.set(text, notice);
    this.#sending ??= setTimeout(() => void this.#send(), GATHER_MS);
  }

  /**
   * Connects in the background, and again and again where that fails or breaks. Behind a pooler it does not: LISTEN would
   * be heard by whoever is lent that session next. What others are told goes out all the same.
   */
  listen(hear: (notice: Notice) => void): void {
    if (this.#db.isPooled) return;
    this.#hearers.push(hear);
    if (this.#hearers.length === 1) void this.#connect();
  }

  async close(): Promise<void> {
    const sent = this.#send();
    this.#closed = true;
    clearTimeout(this.#timer);
    const ended = Promise.all([sent, this.#client?.end().catch(() => {})]);
    await Promise.race([ended, sleep(LEAVE_MS, undefined, { ref: false })]);
  }

  async #send(): Promise<void> {
    clearTimeout(this.#sending);
    this.#sending = undefined;
    const batches: string[][] = [];
    let room = 0;
    for (const text of this.#gathered.keys()) {
      if (room < Buffer.byteLength(text)) {
        batches.push([]);
        room = MOST_BYTES;
      }
      batches.at(-1)?.push(text);
      room -= Buffer.byteLength(text) + 1;
    }
    this.#gathered.clear();
    const payloads = batches.map((texts) => `{"from":"${this.#self}","notices":[${texts.join(",")}]}`);
    if (payloads.length === 0) return;
    await this.#db
      .often(`SELECT pg_notify('${CHANNEL}', payload) FROM ${unnested(["text"])} AS payload`, [payloads])
      .catch(() => {});
  }

  async #connect(): Promise<void> {
    if (this.#closed) return;
    const client = this.#db.newClient();
    this.#client = client;
    client.on("notification", ({ payload }) => this.#take(payload));
    client.once("end", () => this.#connectLater(client));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.#failures = 0;
      this.#beat(client);
      // Nobody knows what was said meanwhile.
      this.#tellHere({ kind: "due" });
    } catch {
      // A connection that never came about may not end either.
      this.#connectLater(client);
    }
  }

  #connectLater(client: Client): void {
    if (this.#client !== client || this.#closed) return;
    this.#client = undefined;
    client.end().catch(() => {});
    this.#failures += 1;
    clearTimeout(this.#timer);
    const wait = backoffWithFloor(this.#failures, RECONNECT);
    this.#timer = setTimeout(() => void this.#connect(), wait).unref();
  }

  /** A connection whose other end has vanished looks like one on which nothing is said. */
  #beat(client: Client): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const silence = setTimeout(() => this.#connectLater(client), HEARTBEAT_ANSWER_MS).unref();
      client.query("SELECT 1").then(
        () => {
          clearTimeout(silence);
          if (this.#client === client && !this.#closed) this.#beat(client);
        },
        () => clearTimeout(silence),
      );
    }, HEARTBEAT_MS).unref();
  }

  #take(payload: string | undefined): void {
    const { success, data } = heard.safeParse(parsed(payload));
    // Anybody who may connect to the database can write into the channel.
    if (!success || data.from === this.#self) return;
    for (const notice of data.notices) this.#tellHere(notice);
  }

  #tellHere(notice: Notice): void {
    for (const hear of this.#hearers) hear(notice);
  }
}

function parsed(payload: string | undefined): unknown {
  try {
    return JSON.parse(payload ?? "");
  } catch {
    return undefined;
  }
}
