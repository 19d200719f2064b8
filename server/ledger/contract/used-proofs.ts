/** The proofs that have served, for as long as they could serve again. */
export interface UsedProofs {
  /**
   * Of all who call it with one `id`, in whatever process, one is told `true`. Durable before it resolves. At
   * `expiresAt` (milliseconds since the epoch) the id is forgotten.
   */
  useOnce(id: string, expiresAt: number, now: number): Promise<boolean>;
}
