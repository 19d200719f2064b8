import type { Bulk } from "./contract/bulk.ts";
import type { Carried } from "./contract/carried.ts";
import type { Contacts } from "./contract/contacts.ts";
import type { IdentifyCounts } from "./contract/identify-counts.ts";
import type { Ledger } from "./contract/ledger.ts";
import type { MissingFields } from "./contract/missing-fields.ts";
import type { OneUser } from "./contract/one-user.ts";
import type { Outbox } from "./contract/outbox.ts";
import type { Purged } from "./contract/purge.ts";
import type { Restored } from "./contract/restore.ts";
import type { SecretUses } from "./contract/secret-uses.ts";
import type { Secrets } from "./contract/secrets.ts";
import type { UsedProofs } from "./contract/used-proofs.ts";
import type { WriteProof } from "./contract/write-proof.ts";

/** One for each contract. */
export interface LedgerParts {
  contacts: Contacts & Pick<Bulk, "recordAll" | "foresee">;
  standing: Pick<Bulk, "standingOf">;
  fields: MissingFields;
  outbox: Outbox;
  oneUser: OneUser;
  secrets: Secrets;
  secretUses: SecretUses;
  identifyCounts: IdentifyCounts;
  usedProofs: UsedProofs;
  writeProof: WriteProof;
}

/** A ledger made of its parts. */
export abstract class LedgerOfParts implements Ledger {
  readonly #parts: LedgerParts;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  abstract carrying(channelId: string): Carried;
  abstract takeOver(how?: { yields?: boolean }): Promise<void>;
  abstract isWanted(): boolean;
  abstract handOver(): void;
  abstract purge(what: Purged): Promise<string>;
  abstract backup(file: string): Promise<void>;
  abstract restored(isErased: (userId: string) => boolean): Promise<Restored>;
  abstract close(): Promise<void>;

  look: Ledger["look"] = (user) => this.#parts.contacts.look(user);
  record: Ledger["record"] = (claim, now, how) => this.#parts.contacts.record(claim, now, how);
  take: Ledger["take"] = (users, now) => this.#parts.contacts.take(users, now);
  takeNext: Ledger["takeNext"] = (now, which) => this.#parts.contacts.takeNext(now, which);
  takeWithheld: Ledger["takeWithheld"] = (field, now) => this.#parts.contacts.takeWithheld(field, now);
  settle: Ledger["settle"] = (delivery, settlement, now) =>
    this.#parts.contacts.settle(delivery, settlement, now);
  nextDueAt: Ledger["nextDueAt"] = (now) => this.#parts.contacts.nextDueAt(now);
  wakeAll: Ledger["wakeAll"] = (now) => this.#parts.contacts.wakeAll(now);
  reopen: Ledger["reopen"] = (since, now) => this.#parts.contacts.reopen(since, now);

  recordAll: Ledger["recordAll"] = (claims, now) => this.#parts.contacts.recordAll(claims, now);
  foresee: Ledger["foresee"] = (claims, now) => this.#parts.contacts.foresee(claims, now);
  standingOf: Ledger["standingOf"] = (users) => this.#parts.standing.standingOf(users);

  missingFields: Ledger["missingFields"] = () => this.#parts.fields.missingFields();
  markMissing: Ledger["markMissing"] = (field) => this.#parts.fields.markMissing(field);
  clearMissing: Ledger["clearMissing"] = (key, now) => this.#parts.fields.clearMissing(key, now);
  markTaken: Ledger["markTaken"] = (key) => this.#parts.fields.markTaken(key);
  wasEverTaken: Ledger["wasEverTaken"] = (key) => this.#parts.fields.wasEverTaken(key);

  outbox: Ledger["outbox"] = (most) => this.#parts.outbox.outbox(most);
  oldestPending: Ledger["oldestPending"] = () => this.#parts.outbox.oldestPending();
  ofOtherChannels: Ledger["ofOtherChannels"] = (most) => this.#parts.outbox.ofOtherChannels(most);
  lastErrors: Ledger["lastErrors"] = (limit) => this.#parts.outbox.lastErrors(limit);
  entries: Ledger["entries"] = (filter) => this.#parts.outbox.entries(filter);
  retry: Ledger["retry"] = (userId, now) => this.#parts.outbox.retry(userId, now);
  resend: Ledger["resend"] = (userId, now) => this.#parts.outbox.resend(userId, now);
  valuesOf: Ledger["valuesOf"] = (user, key) => this.#parts.outbox.valuesOf(user, key);
  move: Ledger["move"] = (what, key, now) => this.#parts.outbox.move(what, key, now);
  forget: Ledger["forget"] = (userId) => this.#parts.outbox.forget(userId);

  keptOf: Ledger["keptOf"] = (userId) => this.#parts.oneUser.keptOf(userId);

  readSecret: Ledger["readSecret"] = (name) => this.#parts.secrets.readSecret(name);
  replaceSecret: Ledger["replaceSecret"] = (name, expected, next) =>
    this.#parts.secrets.replaceSecret(name, expected, next);

  countSecretUses: Ledger["countSecretUses"] = (uses) => this.#parts.secretUses.countSecretUses(uses);
  secretUses: Ledger["secretUses"] = () => this.#parts.secretUses.secretUses();

  countIdentifies: Ledger["countIdentifies"] = (counts, now) =>
    this.#parts.identifyCounts.countIdentifies(counts, now);
  identifyCounts: Ledger["identifyCounts"] = (since) => this.#parts.identifyCounts.identifyCounts(since);

  proveWrite: Ledger["proveWrite"] = (now) => this.#parts.writeProof.proveWrite(now);

  useOnce: Ledger["useOnce"] = (id, expiresAt, now) => this.#parts.usedProofs.useOnce(id, expiresAt, now);
}
