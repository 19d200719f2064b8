/** Up to two letters that stand for a name: the first of its first word and the first of its last. */
export function initials(name: string): string {
  // By code point (`u`), so that no letter is cut in half.
  const firsts = name.match(/(?<!\S)\S/gu) ?? [];
  return firsts.filter((_, at) => !at || at === firsts.length - 1).join("");
}
