/** What the badge and the inspector get when they are mounted. */
export interface PartOptions<Seen> {
  /** The script tag's settings. */
  data: DOMStringMap;
  /** Calls the listener now and after every change. */
  subscribe(listener: (seen: Seen) => void): void;
  /** Makes the failed call again. */
  retry(): void;
}
