/** @throws where `work` goes on when the time is over; what was begun is left to itself. @param ms milliseconds */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let impatience: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    impatience = setTimeout(() => reject(new Error("it takes too long")), ms);
  });
  return Promise.race([work, tooLong]).finally(() => clearTimeout(impatience));
}
