/** A module that is fetched only if the page has a use for it. */
export type PartName = "badge" | "chat" | "inspector" | "tend";

/** What each part gets that the script fetches. */
export interface PartOptions<Seen> {
  /** The script tag's settings. */
  data: DOMStringMap;
  /** Calls the listener now and after every change. */
  subscribe(listener: (seen: Seen) => void): void;
  /** Makes the last call again. `looking`: with the same proof, and without a word if nothing has changed. */
  retry(looking?: boolean): void;
  /** The clock by which a token's life is counted, in milliseconds. */
  now(): number;
}
