import { Background } from "../background.ts";
import { BrokenReleases } from "../broken-releases.ts";
import { carriedBy } from "../carried-parts.ts";
import { type Carried, type Channels, channelsIn } from "../contract/carried.ts";
import type { Purged } from "../contract/purge.ts";
import { NoBackup, type Restored } from "../contract/restore.ts";
import type { Shared } from "../contract/shared.ts";
import type { DataKey } from "../data-key.ts";
import { LedgerOfParts } from "../ledger-of-parts.ts";
import { type ContactsParts, PostgresContacts } from "./contacts.ts";
import type { PostgresDatabase } from "./database.ts";
import { PostgresIdentifyCounts } from "./identify-counts.ts";
import { PostgresLookups } from "./lookups.ts";
import { PostgresMissingFields } from "./missing-fields.ts";
import { PostgresNotices } from "./notices.ts";
import { PostgresOneUser } from "./one-user.ts";
import { PostgresOutbox } from "./outbox.ts";
import { purge } from "./purge.ts";
import { restored } from "./restored.ts";
import { RowGroup } from "./row-group.ts";
import { changes, settled } from "./row-writes.ts";
import { sealWhatIsInClear } from "./sealing.ts";
import { PostgresSecretUses } from "./secret-uses.ts";
import { PostgresSecrets } from "./secrets.ts";
import { PostgresShared } from "./shared.ts";
import { PostgresStanding } from "./standing.ts";
import { PostgresUsedProofs } from "./used-proofs.ts";
import { PostgresWriteProof } from "./write-proof.ts";

/** A ledger in PostgreSQL, for any number of instances. */
export class PostgresLedger extends LedgerOfParts {
  readonly shared: Shared;
  readonly #db: PostgresDatabase;
  readonly #parts: ContactsParts;
  readonly #contacts: PostgresContacts;
  readonly #notices: PostgresNotices;
  readonly #background: Background;
  readonly #releases: BrokenReleases;

  /**
   * @param channels whose rows are carried
   * @param warn is told of what an operator should see and that stops nothing
   */
  constructor(
    db: PostgresDatabase,
    key: DataKey,
    channels: Channels,
    warn: (text: string) => void = () => {},
  ) {
    const notices = new PostgresNotices(db);
    const releases = new BrokenReleases((isStart) => fields.clearOn(isStart), warn);
    const background = new Background((_, error) => releases.failed(error));
    const parts: ContactsParts = {
      db,
      key,
      notices,
      background,
      lookups: new PostgresLookups(db, key),
      changes: new RowGroup(db, changes(key)),
      settled: new RowGroup(db, settled(key)),
    };
    const contacts = new PostgresContacts(parts, [channels].flat()[0] ?? "");
    const fields = new PostgresMissingFields(db, notices, background);
    super({
      contacts,
      standing: new PostgresStanding(db),
      fields,
      outbox: new PostgresOutbox(db, notices, channelsIn(channels)),
      oneUser: new PostgresOneUser(db),
      secrets: new PostgresSecrets(db),
      identifyCounts: new PostgresIdentifyCounts(db),
      secretUses: new PostgresSecretUses(db),
      usedProofs: new PostgresUsedProofs(db),
      writeProof: new PostgresWriteProof(db),
    });
    this.#db = db;
    this.#parts = parts;
    this.#contacts = contacts;
    this.#notices = notices;
    this.#background = background;
    this.#releases = releases;
    this.shared = new PostgresShared(db, notices, parts.lookups);
  }

  carrying(channelId: string): Carried {
    const contacts = new PostgresContacts(this.#parts, channelId);
    return carriedBy(contacts, new PostgresOutbox(this.#db, this.#notices, [channelId]));
  }

  /** What others have under way stays theirs; of an instance that was killed it is free when its lease has run out. */
  async takeOver(): Promise<void> {
    await this.#db.open();
    await sealWhatIsInClear(this.#db, this.#parts.key);
    await this.#releases.start();
  }

  /** Any number deliver. */
  isWanted(): boolean {
    return false;
  }

  handOver(): void {}

  purge(what: Purged): Promise<string> {
    return purge(this.#db, what);
  }

  async backup(): Promise<void> {
    throw new NoBackup(
      "PostgreSQL has ways of its own, and copies everything else in it too: pg_dump, or your provider's (docs/postgresql.md)",
    );
  }

  restored(isErased: (userId: string) => boolean): Promise<Restored> {
    return restored(this.#db, isErased);
  }

  async close(): Promise<void> {
    this.#releases.close();
    await this.#background.close();
    await this.#contacts.close();
    await this.#notices.close();
    await this.#db.close();
  }
}
