/**
 * At most so much is one statement; and where a statement takes longer than so many milliseconds, the next one goes out beside
 * it, on another connection: what holds up the one may have nothing to do with the other.
 */
export const GROUP = { most: 200, lateMs: 100 };
