import { BoundedMap } from "../bounded-map.ts";

/**
 * So many users have to be refused with the same status, each with other contents, before it is no contact's own fault;
 * or so many, whatever they have in common.
 */
const DIFFERENT = 3;
const ANY = 5;
/** Users that are remembered, at most. */
const REMEMBERED = 1000;

/** What was refused. */
export interface Refusal {
  status: number;
  /** Stands for all that the contact says: the same for the same, and nothing to read. */
  content: string;
}

/** The users that Vambe has refused since it has taken anybody last. */
export class RefusalsInARow {
  readonly #refused = new BoundedMap<Refusal>(REMEMBERED);

  get users(): string[] {
    return this.#refused.keys();
  }

  /** @returns whether there are so many by now that it is about all */
  add(user: string, refusal: Refusal): boolean {
    this.#refused.set(user, refusal);
    const alike = this.#refused.values().filter(({ status }) => status === refusal.status);
    return alike.length >= ANY || new Set(alike.map(({ content }) => content)).size >= DIFFERENT;
  }

  clear(): void {
    this.#refused.clear();
  }
}
