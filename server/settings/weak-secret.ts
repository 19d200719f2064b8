/** A random secret of 32 characters or more has more different ones than this, be they but hex digits. */
const FEW = 8;
/** Such a part of the steps from one character to the next may be the same. */
const MOST_ALIKE = 3 / 4;

/**
 * Whether somebody who tries what people think up would find it: one letter many times, a pattern that is repeated, a
 * run through the alphabet. It cannot tell a sentence from chance, and takes nothing random for weak.
 */
export function isWeakSecret(secret: string): boolean {
  const characters = [...secret];
  return new Set(characters).size < FEW || isRepeated(secret) || isRun(characters);
}

/** Whether the same piece stands there twice or more, and nothing else but its beginning. */
function isRepeated(text: string): boolean {
  for (let length = 1; length <= text.length / 2; length++) {
    if (text.startsWith(text.slice(length))) return true;
  }
  return false;
}

function isRun(characters: readonly string[]): boolean {
  const codes = characters.map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  return [-1, 0, 1].some((step) => steps.filter((one) => one === step).length > steps.length * MOST_ALIKE);
}
