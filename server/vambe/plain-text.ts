/** Names that HTML has for the letters of ISO 8859-1, from 160 on, and for what it has to escape itself. */
const LATIN_1 =
  `nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro
  para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave
  Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc
  Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc
  iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml`
    .split(/\s+/)
    .map((name, index) => [name, String.fromCharCode(160 + index)] as const);
const ENTITIES = new Map<string, string>([
  ...LATIN_1,
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** Letters that have no accent to take off, and are written with others all the same. */
const SPELLED: Record<string, string> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ı: "i",
};

/** The same for all ways of escaping a text, on one line and without control characters. */
export const plain = (text: string): string =>
  text
    .replace(
      /\\u\{?([0-9a-f]{4,6})\}?/gi,
      (written, code: string) => fromCode(Number(`0x${code}`)) ?? written,
    )
    .replace(/(?:\\x[0-9a-f]{2})+/gi, (bytes) => fromBytes(bytes.replaceAll(/\\x/gi, "")))
    .replace(/(?:\\[0-3][0-7]{2})+/g, (bytes) => fromBytes(bytes.replace(/\\(\d{3})/g, octalInHex)))
    .replace(/\\[nrtbf]/g, " ")
    .replace(/\\(["\\/])/g, "$1")
    .replace(
      /&#(\d{1,7}|x[0-9a-f]{1,6});/gi,
      (entity, code: string) => fromCode(Number(`0${code}`)) ?? entity,
    )
    .replace(/&([a-z]{2,6}[0-9]{0,2});/gi, (entity, name: string) => ENTITIES.get(name) ?? entity)
    .replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => fromBytes(bytes.replaceAll("%", "")))
    // UTF-8 that somebody has read as ISO 8859-1.
    .replace(/[\u00c2-\u00f4][\u0080-\u00bf]{1,3}/g, (bytes) =>
      fromBytes(Buffer.from(bytes, "latin1").toString("hex")),
    )
    .toWellFormed()
    .normalize("NFKC")
    // What takes no room on a screen splits no word.
    .replace(/\u00ad|\u200b|\u200c|\u200d|\u2060|\ufeff/g, "")
    .replace(/[\p{C}\p{Z}]+/gu, " ")
    .trim();

/** In small letters without accents, as addresses and old systems have them. */
export const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[ßæœøđðþłı]/g, (letter) => SPELLED[letter] ?? letter);

/** A word in which something is escaped that `plain` does not know. */
export const isStillEscaped = (word: string): boolean => /&(?:#|[a-z])[a-z0-9]*;|\\[ux\d]/i.test(word);

const octalInHex = (_: string, code: string): string =>
  Number.parseInt(code, 8).toString(16).padStart(2, "0");

const fromCode = (code: number): string | undefined =>
  code <= 0x10ffff ? String.fromCodePoint(code) : undefined;

/** Bytes of UTF-8, or of ISO 8859-1 where they are none. */
function fromBytes(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  const text = bytes.toString("utf8");
  return text.includes("\ufffd") ? bytes.toString("latin1") : text;
}
