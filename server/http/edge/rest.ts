/**
 * How much is still taken of a body that nobody reads any more, and for how long. Bytes; milliseconds.
 * A connection that is closed while its sender is sending is reset, and the answer goes with it: so it is closed after that.
 */
export const REST = { bytes: 8 * 1024 * 1024, ms: 2000 };
