/** Tells the developer what the visitor is not told. */
export const warn = (text: string): void => {
  // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
  console.warn(`vambe-identity: ${text}`);
};
