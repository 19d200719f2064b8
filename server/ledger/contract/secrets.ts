/** Small texts that all instances share, such as the signing keys. */
export interface Secrets {
  readSecret(name: string): Promise<string | undefined>;
  /**
   * Writes `next` only where `expected` is what still stands there (`undefined`: nothing does), so that nobody
   * overwrites what they have not seen. Durable before it resolves. What it replaces is there for nobody any more; from
   * the database's files it goes with `purge`.
   * @returns whether it was written
   */
  replaceSecret(name: string, expected: string | undefined, next: string): Promise<boolean>;
}
