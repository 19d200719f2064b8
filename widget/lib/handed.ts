/** The same promise, but the page may ignore its rejection. */
export const handed = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {});
  return promise;
};
