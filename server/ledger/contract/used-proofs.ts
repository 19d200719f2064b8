/** The proofs that have served, for as long as they could serve again. */
export interface UsedProofs {
  /**
   * One of all who call it with the same `id`, in any process, is told `true`. Durable before it resolves. At
   * `expiresAt` (milliseconds since the epoch) the id is forgotten.
   */
  useOnce(id: string, expiresAt: number, now: number): Promise<boolean>;
}
