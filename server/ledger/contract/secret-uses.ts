/** How often one of the site's secrets has verified a proof. */
export interface SecretUse {
  /** A short digest of the secret. */
  secret: string;
  /** The `kid` in the proofs' headers; empty where they have none. */
  kid: string;
  proofs: number;
  /** Milliseconds since the epoch. */
  lastAt: number;
}

export interface SecretUses {
  /** Adds to what is counted already. */
  countSecretUses(uses: readonly SecretUse[]): Promise<void>;
  secretUses(): Promise<SecretUse[]>;
}
