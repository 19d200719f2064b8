import type { DatabaseSync } from "node:sqlite";
import type { Ledger } from "../contract/ledger.ts";
import type { Fingerprint } from "../fingerprint.ts";
import { SqliteContacts } from "./contacts.ts";
import { openDatabase, transaction } from "./database.ts";
import { SqliteMissingFields } from "./missing-fields.ts";
import { SqliteOutbox } from "./outbox.ts";
import { rewritePayload } from "./payload.ts";
import { SqliteSecretUses } from "./secret-uses.ts";
import { SqliteSecrets } from "./secrets.ts";
import { SqliteUsedProofs } from "./used-proofs.ts";

/** A ledger in one SQLite file, for one process that delivers; others may look in. Every write is durable. */
export class SqliteLedger implements Ledger {
  readonly #db: DatabaseSync;
  readonly #contacts: SqliteContacts;
  readonly #fields: SqliteMissingFields;
  readonly #outbox: SqliteOutbox;
  readonly #secrets: SqliteSecrets;
  readonly #secretUses: SqliteSecretUses;
  readonly #usedProofs: SqliteUsedProofs;
  #delivers = false;

  /** @param path of the file, made where there is none, or `:memory:` */
  constructor(path: string, fingerprint: Fingerprint) {
    this.#db = openDatabase(path);
    this.#contacts = new SqliteContacts(this.#db, fingerprint);
    this.#fields = new SqliteMissingFields(this.#db);
    this.#outbox = new SqliteOutbox(this.#db);
    this.#secrets = new SqliteSecrets(this.#db);
    this.#secretUses = new SqliteSecretUses(this.#db);
    this.#usedProofs = new SqliteUsedProofs(this.#db);
  }

  async takeOver(): Promise<void> {
    this.#delivers = true;
    this.#db.exec("UPDATE contact SET lease_until = 0 WHERE lease_until > 0");
  }

  record: Ledger["record"] = (claim, now) => this.#contacts.record(claim, now);
  take: Ledger["take"] = (key, now) => this.#contacts.take(key, now);
  takeNext: Ledger["takeNext"] = (now) => this.#contacts.takeNext(now);
  takeWithheld: Ledger["takeWithheld"] = (field, now) => this.#contacts.takeWithheld(field, now);
  settle: Ledger["settle"] = (delivery, settlement, now) => this.#contacts.settle(delivery, settlement, now);
  nextDueAt: Ledger["nextDueAt"] = (now) => this.#contacts.nextDueAt(now);
  wakeAll: Ledger["wakeAll"] = (now) => this.#contacts.wakeAll(now);

  missingFields: Ledger["missingFields"] = () => this.#fields.missingFields();
  markMissing: Ledger["markMissing"] = (field) => this.#fields.markMissing(field);
  clearMissing: Ledger["clearMissing"] = (key, now) => this.#fields.clearMissing(key, now);

  outbox: Ledger["outbox"] = () => this.#outbox.outbox();
  oldestPending: Ledger["oldestPending"] = () => this.#outbox.oldestPending();
  lastErrors: Ledger["lastErrors"] = (limit) => this.#outbox.lastErrors(limit);
  entries: Ledger["entries"] = (filter) => this.#outbox.entries(filter);
  retry: Ledger["retry"] = (userId, now) => this.#outbox.retry(userId, now);
  forget: Ledger["forget"] = (userId) => this.#outbox.forget(userId);

  readSecret: Ledger["readSecret"] = (name) => this.#secrets.readSecret(name);
  replaceSecret: Ledger["replaceSecret"] = (name, expected, next) =>
    this.#secrets.replaceSecret(name, expected, next);

  countSecretUses: Ledger["countSecretUses"] = (uses) => this.#secretUses.countSecretUses(uses);
  secretUses: Ledger["secretUses"] = () => this.#secretUses.secretUses();

  useOnce: Ledger["useOnce"] = (id, expiresAt, now) => this.#usedProofs.useOnce(id, expiresAt, now);

  async close(): Promise<void> {
    if (this.#delivers) {
      transaction(this.#db, () => rewritePayload(this.#db));
      this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    this.#db.close();
  }
}
