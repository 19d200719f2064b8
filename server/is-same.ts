import { createHash, timingSafeEqual } from "node:crypto";

/** Whether somebody has given the right text, without a sign of how much of it is right, or how long it is. */
export function isSame(given: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}
