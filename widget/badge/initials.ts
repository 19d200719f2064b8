/** One or two letters for a name: the first letter of its first word and of its last word. */
export function initials(name: string): string {
  // By code point (`u`), so that no letter is cut in half.
  const firsts = name.match(/(?<!\S)\S/gu) ?? [];
  return firsts.filter((_, at) => !at || at === firsts.length - 1).join("");
}
