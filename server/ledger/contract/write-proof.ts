/** That what is recorded now would last. */
export interface WriteProof {
  /** Commits a write that means nothing. @throws {NotWritable} */
  proveWrite(now: number): Promise<void>;
}

/** Nothing can be recorded. `reason` is in plain words and names no path or host: anybody may read it. */
export class NotWritable extends Error {
  readonly reason: string;

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = "NotWritable";
    this.reason = reason;
  }
}
