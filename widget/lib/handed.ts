/** Hands out a promise whose rejection the page is free to ignore. */
export const handed = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {});
  return promise;
};
