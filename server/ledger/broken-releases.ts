/** How often to look for them, in milliseconds. */
const LOOK_EVERY_MS = 15_000;

/**
 * Ends what was withheld for a custom field that exists by now and is not released, since a process has ended in the
 * middle of it, or the database has failed: at the start, and then now and then.
 */
export class BrokenReleases {
  readonly #clearOn: (isStart: boolean) => Promise<void>;
  readonly #warn: (text: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param clearOn begins to end all that nobody is at */
  constructor(clearOn: (isStart: boolean) => Promise<void>, warn: (text: string) => void) {
    this.#clearOn = clearOn;
    this.#warn = warn;
  }

  /** @throws where the database fails now */
  async start(): Promise<void> {
    this.#timer ??= setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
    await this.#clearOn(true);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Work on many rows has stopped in the middle. */
  failed(error: unknown): void {
    this.#warn(
      `not all of the rows that may go by now could be made due, and the others follow: ${error instanceof Error ? error.message : error}`,
    );
  }

  async #look(): Promise<void> {
    try {
      await this.#clearOn(false);
    } catch (error) {
      this.failed(error);
    }
  }
}
