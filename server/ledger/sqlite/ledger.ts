import type { DatabaseSync } from "node:sqlite";
import type { Fingerprint } from "../fingerprint.ts";
import { LedgerOfParts } from "../ledger-of-parts.ts";
import { SqliteContacts } from "./contacts.ts";
import { openDatabase, transaction } from "./database.ts";
import { SqliteMissingFields } from "./missing-fields.ts";
import { SqliteOutbox } from "./outbox.ts";
import { rewritePayload } from "./payload.ts";
import { SqliteSecretUses } from "./secret-uses.ts";
import { SqliteSecrets } from "./secrets.ts";
import { SqliteUsedProofs } from "./used-proofs.ts";

/** A ledger in one SQLite file, for one process that delivers; others may look in. Every write is durable. */
export class SqliteLedger extends LedgerOfParts {
  readonly #db: DatabaseSync;
  readonly #contacts: SqliteContacts;
  #delivers = false;

  /** @param path of the file, made where there is none, or `:memory:` */
  constructor(path: string, fingerprint: Fingerprint) {
    const db = openDatabase(path);
    const contacts = new SqliteContacts(db, fingerprint);
    super({
      contacts,
      fields: new SqliteMissingFields(db),
      outbox: new SqliteOutbox(db),
      secrets: new SqliteSecrets(db),
      secretUses: new SqliteSecretUses(db),
      usedProofs: new SqliteUsedProofs(db),
    });
    this.#db = db;
    this.#contacts = contacts;
  }

  async takeOver(): Promise<void> {
    this.#delivers = true;
    this.#db.exec("UPDATE contact SET lease_until = 0 WHERE lease_until > 0");
  }

  async close(): Promise<void> {
    await this.#contacts.close();
    if (this.#delivers) {
      transaction(this.#db, () => rewritePayload(this.#db));
      this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    this.#db.close();
  }
}
