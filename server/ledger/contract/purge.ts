/** What is kept of users, or the secrets that instances share. */
export type Purged = "contacts" | "secrets";

/** What was deleted or replaced, and how it leaves the database's own files as well. */
export interface Purge {
  /**
   * Takes what has been deleted or replaced by now out of the database's files, beside a running exchange.
   * @returns in a sentence, what it has reached
   * @throws {NotPurged} where some of it stays
   */
  purge(what: Purged): Promise<string>;
}

/** It is deleted, for everybody who asks the database; its files still have it. The message says what to do. */
export class NotPurged extends Error {}
