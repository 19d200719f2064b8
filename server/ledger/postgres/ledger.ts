import type { Ledger } from "../contract/ledger.ts";
import type { Shared } from "../contract/shared.ts";
import type { Fingerprint } from "../fingerprint.ts";
import { PostgresContacts } from "./contacts.ts";
import type { PostgresDatabase } from "./database.ts";
import { PostgresMissingFields } from "./missing-fields.ts";
import { PostgresNotices } from "./notices.ts";
import { PostgresOutbox } from "./outbox.ts";
import { PostgresSecretUses } from "./secret-uses.ts";
import { PostgresSecrets } from "./secrets.ts";
import { PostgresShared } from "./shared.ts";
import { PostgresUsedProofs } from "./used-proofs.ts";

/** A ledger in PostgreSQL, for any number of instances. */
export class PostgresLedger implements Ledger {
  readonly shared: Shared;
  readonly #db: PostgresDatabase;
  readonly #notices: PostgresNotices;
  readonly #contacts: PostgresContacts;
  readonly #fields: PostgresMissingFields;
  readonly #outbox: PostgresOutbox;
  readonly #secrets: PostgresSecrets;
  readonly #secretUses: PostgresSecretUses;
  readonly #usedProofs: PostgresUsedProofs;

  constructor(db: PostgresDatabase, fingerprint: Fingerprint) {
    this.#db = db;
    this.#notices = new PostgresNotices(db);
    this.shared = new PostgresShared(db, this.#notices);
    this.#contacts = new PostgresContacts(db, fingerprint, this.#notices);
    this.#fields = new PostgresMissingFields(db, this.#notices);
    this.#outbox = new PostgresOutbox(db, this.#notices);
    this.#secrets = new PostgresSecrets(db);
    this.#secretUses = new PostgresSecretUses(db);
    this.#usedProofs = new PostgresUsedProofs(db);
  }

  /** What others have under way stays theirs; of an instance that was killed it is free when its lease has run out. */
  takeOver(): Promise<void> {
    return this.#db.open();
  }

  record: Ledger["record"] = (claim) => this.#contacts.record(claim);
  take: Ledger["take"] = (key) => this.#contacts.take(key);
  takeNext: Ledger["takeNext"] = () => this.#contacts.takeNext();
  takeWithheld: Ledger["takeWithheld"] = (field) => this.#contacts.takeWithheld(field);
  settle: Ledger["settle"] = (delivery, settlement, now) => this.#contacts.settle(delivery, settlement, now);
  nextDueAt: Ledger["nextDueAt"] = (now) => this.#contacts.nextDueAt(now);
  wakeAll: Ledger["wakeAll"] = () => this.#contacts.wakeAll();

  missingFields: Ledger["missingFields"] = () => this.#fields.missingFields();
  markMissing: Ledger["markMissing"] = (field) => this.#fields.markMissing(field);
  clearMissing: Ledger["clearMissing"] = (key) => this.#fields.clearMissing(key);

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

  useOnce: Ledger["useOnce"] = (id, expiresAt) => this.#usedProofs.useOnce(id, expiresAt);

  async close(): Promise<void> {
    await this.#notices.close();
    await this.#db.close();
  }
}
