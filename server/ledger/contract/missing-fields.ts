/** A custom field that Vambe said it does not have, and when to try again. */
export interface MissingField {
  key: string;
  /** Milliseconds since the epoch. */
  probeAt: number;
  attempts: number;
}

/**
 * In the database in the place of `attempts`: the field exists by now, and what was withheld for it is being released, in
 * more than one step. What a crash or an error has broken off is ended by the next start, and by who looks now and then.
 */
export const CLEARING = -1;

/** The custom fields that Vambe does not have. */
export interface MissingFields {
  missingFields(): Promise<MissingField[]>;
  markMissing(field: MissingField): Promise<void>;
  /**
   * The field exists by now: what was withheld for it is due, at once or, where that row was refused before, later. That
   * is certain when it resolves; where the rows are many, most of them follow after that.
   */
  clearMissing(key: string, now: number): Promise<void>;
  /** Vambe has confirmed a value of this field: that is kept for good, whatever becomes of the user. */
  markTaken(key: string): Promise<void>;
  wasEverTaken(key: string): Promise<boolean>;
}
