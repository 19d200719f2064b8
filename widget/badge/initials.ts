/** One or two letters for a name: the first letter of its first word and of its last word. */
export function initials(name: string): string {
  const words = name.match(/\S+/g) ?? [];
  return words
    .filter((_, at) => !at || at === words.length - 1)
    .map(firstLetter)
    .join("");
}

/** By grapheme cluster, so that no flag, emoji or letter with marks is cut apart; in older browsers by code point. */
const firstLetter = (word: string) =>
  Intl.Segmenter ? [...new Intl.Segmenter().segment(word)][0]?.segment : [...word][0];
