/** How long a write waits for another process that is writing, in milliseconds. */
export const PATIENCE_MS = 5000;
export const SQLITE_BUSY = 5;

/** Whether another process has what this one needs. */
export const isBusy = (error: unknown): boolean => codeOf(error) === SQLITE_BUSY;

/** SQLite's primary result code. */
export const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
