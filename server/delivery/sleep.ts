/** A sleep that others can end. Whatever wakes it while it is not asleep keeps it from falling asleep over that. */
export class Sleep {
  #woken = false;
  #end: () => void = () => {};

  /** What has woken it before has been heard. */
  forget(): void {
    this.#woken = false;
  }

  wake(): void {
    this.#woken = true;
    this.#end();
  }

  async for(ms: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#end = () => {};
  }
}
