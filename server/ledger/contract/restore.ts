/** What has become of the rows of a database that was put back. */
export interface Restored {
  /** Rows that waited, and are held now. */
  held: number;
  /** Users of whom everything is deleted, since they had been forgotten. */
  forgotten: number;
}

/** Copies of the database, and what has to be done where one is put back. */
export interface Restore {
  /**
   * Writes a copy of the whole database, as it is at one moment, beside a running exchange.
   * @param file where to; there must be none
   * @throws {NoBackup} where it cannot be done from here
   */
  backup(file: string): Promise<void>;
  /**
   * The database is as it was some time ago. What waits is older than what Vambe may have had since, so it is held: until
   * its user comes again, who is then sent anew, or an operator retries it. Nobody counts as confirmed any more. In bounded
   * steps; where it is broken off, it can be called again.
   * @param isErased whether a user had been forgotten since
   */
  restored(isErased: (userId: string) => boolean): Promise<Restored>;
}

export class NoBackup extends Error {}
