import type { VambeIdentify } from "./types.ts";

/** A module that is fetched only if the page has a use for it. */
export type PartName = "badge" | "chat" | "gate" | "inspector" | "tend";

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
  /** Brings the one into being who is in charge of the page's identity. Only the gate needs it. */
  start(): VambeIdentify;
  /** Says what the tag says of the user. */
  declare(): void;
}
