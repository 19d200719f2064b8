/** What can go wrong at Vambe, by the names that the switches have. */
export const FAULTS = ["normal", "slow", "down", "quota", "key", "field"] as const;
export type Fault = (typeof FAULTS)[number];

export const isFault = (value: unknown): value is Fault => FAULTS.some((fault) => fault === value);

/** The key that the fault `field` takes out of the definitions. */
export const MISSING_FIELD = "plan";

export const RETRY_AFTER_SECONDS = 5;
