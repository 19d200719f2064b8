/** Time for what must not happen. */
export const settled = (milliseconds = 400) => new Promise((resolve) => setTimeout(resolve, milliseconds));
