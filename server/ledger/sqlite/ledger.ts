import type { DatabaseSync } from "node:sqlite";
import { Background } from "../background.ts";
import { BrokenReleases } from "../broken-releases.ts";
import { carriedBy } from "../carried-parts.ts";
import { type Carried, type Channels, channelsIn } from "../contract/carried.ts";
import type { Restored } from "../contract/restore.ts";
import type { DataKey } from "../data-key.ts";
import { LedgerOfParts } from "../ledger-of-parts.ts";
import { backup } from "./backup.ts";
import { SqliteContacts } from "./contacts.ts";
import { openDatabase } from "./database.ts";
import { GroupCommit } from "./group-commit.ts";
import { SqliteIdentifyCounts } from "./identify-counts.ts";
import { SqliteMissingFields } from "./missing-fields.ts";
import { SqliteOneUser } from "./one-user.ts";
import { SqliteOutbox } from "./outbox.ts";
import { writesEnded } from "./patiently.ts";
import { isLong, REWRITTEN_UP_TO, rewritePayload, sealWhatIsInClear } from "./payload.ts";
import { emptyLogPatiently, purge } from "./purge.ts";
import { restored } from "./restored.ts";
import { SqliteSecretUses } from "./secret-uses.ts";
import { SqliteSecrets } from "./secrets.ts";
import { isWanted, lockForServing, lockOrAsk } from "./serving-lock.ts";
import { SqliteStanding } from "./standing.ts";
import { transaction } from "./transaction.ts";
import { SqliteUsedProofs } from "./used-proofs.ts";
import { SqliteWriteProof } from "./write-proof.ts";

const LOG_LEFT =
  "something else is reading the database (VAMBE_DATABASE_URL), such as a backup or an open shell, so its write-ahead log could not be emptied: sealed copies of what has been delivered may be in it until the next stop";
const TOO_LONG = `more than ${REWRITTEN_UP_TO} rows wait, which are too many to be written anew at a stop: sealed copies of what has been delivered may be in the database's files (VAMBE_DATABASE_URL) until a stop with fewer`;
const PAYLOAD_LEFT =
  "the database (VAMBE_DATABASE_URL) could not be written at the stop, as on a full disk: sealed copies of what has been delivered may be in its files until the next stop";

/** A ledger in one SQLite file, for one process that delivers; others may look in. Every write is durable. */
export class SqliteLedger extends LedgerOfParts {
  readonly #db: DatabaseSync;
  readonly #key: DataKey;
  readonly #group: GroupCommit;
  readonly #contacts: SqliteContacts;
  readonly #background: Background;
  readonly #releases: BrokenReleases;
  readonly #warn: (text: string) => void;
  readonly #path: string;
  #delivers = false;
  #letGo: (() => void) | undefined;

  /**
   * @param path of the file, made where there is none, or `:memory:`
   * @param channels whose rows are carried
   * @param warn is told of what an operator should see and that stops nothing
   * @param isCommand for a command that looks in
   */
  constructor(
    path: string,
    key: DataKey,
    channels: Channels,
    warn: (text: string) => void = () => {},
    { isCommand = false } = {},
  ) {
    const db = openDatabase(path, warn, { isCommand });
    const releases = new BrokenReleases(() => fields.clearOn(Date.now()), warn);
    const group = new GroupCommit(db);
    const background = new Background((_, error) => releases.failed(error));
    const contacts = new SqliteContacts(db, key, [channels].flat()[0] ?? "", background, group);
    const fields = new SqliteMissingFields(db, background);
    super({
      contacts,
      standing: new SqliteStanding(db),
      fields,
      outbox: new SqliteOutbox(db, channelsIn(channels)),
      oneUser: new SqliteOneUser(db),
      secrets: new SqliteSecrets(db),
      identifyCounts: new SqliteIdentifyCounts(db),
      secretUses: new SqliteSecretUses(db),
      usedProofs: new SqliteUsedProofs(db),
      writeProof: new SqliteWriteProof(db, path),
    });
    this.#db = db;
    this.#group = group;
    this.#path = path;
    this.#key = key;
    this.#contacts = contacts;
    this.#background = background;
    this.#releases = releases;
    this.#warn = warn;
  }

  carrying(channelId: string): Carried {
    const contacts = new SqliteContacts(this.#db, this.#key, channelId, this.#background, this.#group);
    return carriedBy(contacts, new SqliteOutbox(this.#db, [channelId]));
  }

  async takeOver({ yields = false } = {}): Promise<void> {
    if (this.#path !== ":memory:")
      this.#letGo ??= yields ? lockForServing(this.#path, { yields }) : await lockOrAsk(this.#path);
    this.#delivers = true;
    await sealWhatIsInClear(this.#db, this.#key);
    await this.#contacts.freeLeases(Date.now());
    await this.#releases.start();
  }

  isWanted(): boolean {
    return this.#path !== ":memory:" && isWanted(this.#path);
  }

  handOver(): void {
    this.#delivers = false;
    this.#letGo?.();
    this.#letGo = undefined;
  }

  purge(): Promise<string> {
    return purge(this.#db);
  }

  async backup(file: string): Promise<void> {
    backup(this.#db, file);
  }

  /** The exchange must not run meanwhile: it would send what it has in hand. */
  async restored(isErased: (userId: string) => boolean): Promise<Restored> {
    if (this.#path !== ":memory:") this.#letGo ??= lockForServing(this.#path);
    return restored(this.#db, isErased);
  }

  /** Closes the file in any case; what could not be erased from it is warned of. */
  async close(): Promise<void> {
    try {
      this.#releases.close();
      await this.#background.close();
      await this.#contacts.close();
      await this.#group.ended();
      await writesEnded(this.#db);
      if (this.#delivers) await this.#erase();
    } finally {
      this.#db.close();
      this.#letGo?.();
    }
  }

  async #erase(): Promise<void> {
    try {
      if (isLong(this.#db)) this.#warn(TOO_LONG);
      else await transaction(this.#db, () => rewritePayload(this.#db));
      if (!(await emptyLogPatiently(this.#db))) this.#warn(LOG_LEFT);
    } catch {
      this.#warn(PAYLOAD_LEFT);
    }
  }
}
