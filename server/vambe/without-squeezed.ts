import { folded } from "./plain-text.ts";

/** Digits in a row, with what people write between them. */
const NUMBER = /\+?\d(?:[ ().,\-/+]{0,3}\d)+/g;
/** So many digits in a row are a value's, and not just any number. */
const DIGITS = 6;

/** The letters and digits of a text, in small letters without accents. */
export const squeezed = (text: string): string => squeeze(text).letters;

/** @param needles squeezed: found whatever stands between their letters @returns the text with `cut` in their places */
export function withoutSqueezed(text: string, needles: readonly string[], cut: string): string {
  const { letters, starts, ends } = squeeze(text);
  const cuts = needles
    .flatMap((needle) => placesOf(needle, letters))
    .map(([from, to]) => [starts[from] ?? 0, ends[to] ?? text.length] as const)
    .sort(([one], [other]) => one - other);
  let left = "";
  let at = 0;
  for (const [from, to] of cuts) {
    if (from >= at) left += text.slice(at, from) + cut;
    at = Math.max(at, to);
  }
  return left + text.slice(at);
}

/** Cuts out numbers that have six or more digits in a row of one of the values', however either is written. */
export function withoutNumbersOf(text: string, values: readonly string[], cut: string): string {
  const known = new Set(values.flatMap((value) => (value.match(NUMBER) ?? []).flatMap(sixes)));
  if (known.size === 0) return text;
  return text.replace(NUMBER, (number) => (sixes(number).some((six) => known.has(six)) ? cut : number));
}

function sixes(number: string): string[] {
  const digits = number.replace(/\D/g, "");
  return Array.from({ length: Math.max(0, digits.length - DIGITS + 1) }, (_, at) =>
    digits.slice(at, at + DIGITS),
  );
}

/** First and last letter of each place. */
function placesOf(needle: string, letters: string): [number, number][] {
  const places: [number, number][] = [];
  for (let at = letters.indexOf(needle); at >= 0; at = letters.indexOf(needle, at + needle.length))
    places.push([at, at + needle.length - 1]);
  return places;
}

/** With where in the text each of them begins and ends. */
function squeeze(text: string): { letters: string; starts: number[]; ends: number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  let letters = "";
  let at = 0;
  for (const character of text) {
    const spelled = /[\p{L}\p{N}]/u.test(character) ? folded(character) : "";
    letters += spelled;
    for (let unit = 0; unit < spelled.length; unit++) {
      starts.push(at);
      ends.push(at + character.length);
    }
    at += character.length;
  }
  return { letters, starts, ends };
}
