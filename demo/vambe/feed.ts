/** One call of the upsert, as the view shows it: the body, never the headers, for they hold the API key. */
export interface Upsert {
  seq: number;
  at: string;
  body: unknown;
  /** `null` while it is under way. */
  status: number | null;
  tookMs: number | null;
  /** What a refusal said. */
  message: string | null;
  /** The caller hung up before it was answered. */
  abandoned: boolean;
}

/** Every upsert in the order of its arrival, and who wants to hear of it. */
export function createFeed() {
  const upserts: Upsert[] = [];
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const tell of watchers) tell();
  };

  return {
    changed,

    /** Notes an arrival; call what it returns with the answer. */
    arrived(body: unknown, caller: AbortSignal) {
      const began = performance.now();
      const upsert: Upsert = {
        seq: upserts.length + 1,
        at: new Date().toISOString(),
        body,
        status: null,
        tookMs: null,
        message: null,
        abandoned: false,
      };
      upserts.push(upsert);
      changed();
      return (status: number, message?: string) => {
        upsert.status = status;
        upsert.tookMs = Math.round(performance.now() - began);
        upsert.message = message ?? null;
        upsert.abandoned = caller.aborted;
        changed();
      };
    },

    list: (): Upsert[] => structuredClone(upserts),

    watch(tell: () => void): () => void {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
  };
}
