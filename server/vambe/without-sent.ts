import type { Upsert } from "./contract.ts";
import { folded, isStillEscaped, plain } from "./plain-text.ts";
import { squeezed, withoutNumbersOf, withoutSqueezed } from "./without-squeezed.ts";

/** Stands where something was cut out. */
const CUT = "…";
/** Set by the operator, and the same for everybody. */
const OPERATORS = new Set([
  "channel",
  "channel_id",
  "channel_phone_number",
  "stageId",
  "agentId",
  "meta_data",
]);
/** Begins where a word does, so that each character is looked at once. */
const EMAIL = /(?<![^\s"'<>()[\]{},;:=])[^\s@"'<>()[\]{},;:=]+@[^\s"'<>()[\]{},;:=]+/g;
/** A value of so many characters is found within longer words too; a shorter one only as a word of its own. */
const FOUND_ANYWHERE = 4;
/** From so many letters on, whatever stands between them. */
const FOUND_APART = 6;
/** Of an id, no more words than this are looked at. */
const MOST_WORDS = 20;
/** Parts of a value, such as the first name, count from so many characters on. */
const SHORTEST_PART = 3;

/**
 * A text on one line, in which nothing can be read any more that the body or the key says: neither whole nor word by
 * word, with or without accents, separators and capitals, nor escaped for JSON, HTML or an address. Email addresses and
 * phone numbers of anybody are cut out as well. What was encoded (Base64), hashed, transliterated or put into another
 * order (as dates are) is not found, nor a key of which a part is hidden.
 */
export function withoutSent(text: string, body: Upsert, apiKey: string): string {
  const values = [...valuesIn(body), apiKey].map(plain);
  let left = plain(text).replace(/\S+/g, (word) => (isStillEscaped(word) ? CUT : word));
  left = withoutNumbersOf(left, values, CUT);
  for (const value of [...values].sort((one, other) => other.length - one.length)) {
    if (value !== "") left = left.replace(patternOf(value), CUT);
  }
  const apart = [...values, ...endsOf(plain("external_user_id" in body ? body.external_user_id : ""))].map(
    squeezed,
  );
  left = withoutSqueezed(
    left,
    apart.filter((one) => one.length >= FOUND_APART),
    CUT,
  );
  left = withoutParts(left, partsOf(body));
  return left
    .replace(EMAIL, CUT)
    .replace(/\+\d[\d ().-]{5,}\d/g, CUT)
    .replace(/…[\s…]*…/g, CUT);
}

/** An id without its first words, and without its last: only those with a digit, since others may be anybody's. */
function endsOf(id: string): string[] {
  const words = id.match(/[\p{L}\p{N}]+/gu)?.slice(0, MOST_WORDS) ?? [];
  const ends = words.flatMap((_, at) => [words.slice(at).join(""), words.slice(0, at).join("")]);
  return ends.filter((end) => /\d/.test(end));
}

function valuesIn(body: Upsert): string[] {
  return Object.entries(body).flatMap(([name, value]) => {
    if (OPERATORS.has(name)) return [];
    return Array.isArray(value) ? value.map((field) => field.value) : [String(value)];
  });
}

/** Words of names, email addresses and fields. An id is one word: its parts may be those of a field's name. */
function partsOf(body: Upsert): Set<string> {
  const { custom_field_values: fields = [], contact_name = "", contact_email = "" } = body;
  const values = [contact_name, contact_email, ...fields.map(({ value }) => value)];
  const parts = values.flatMap(
    (value) =>
      plain(value)
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu) ?? [],
  );
  const keys = new Set(fields.map(({ key }) => folded(key)));
  return new Set(parts.filter((part) => [...part].length >= SHORTEST_PART && !keys.has(folded(part))));
}

function withoutParts(text: string, parts: ReadonlySet<string>): string {
  const alike = new Set([...parts].map(folded));
  const beginnings = [...alike];
  const lost = new Set([...parts].map(withLettersLost).filter((part) => part.length >= SHORTEST_PART));
  return text
    .replace(/[\p{L}\p{N}?\ufffd]+/gu, (word) => (lost.has(withLettersLost(word.toLowerCase())) ? CUT : word))
    .replace(/([\p{L}\p{N}]+)(\.\.\.)?/gu, (word, whole: string, brokenOff?: string) => {
      const lower = folded(whole);
      if (alike.has(lower)) return CUT;
      return brokenOff && beginnings.some((part) => part.startsWith(lower)) ? CUT : word;
    });
}

/** As systems write it that know no letters but the English ones. Nothing, of a word in which none gets lost. */
function withLettersLost(word: string): string {
  return /[^\x20-\x7e]|\?/.test(word) ? word.replace(/(?:[^\x20-\x7e]|\?)+/g, "?") : "";
}

function patternOf(value: string): RegExp {
  const literal = value.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  if (/^\d+$/.test(value)) return new RegExp(`(?<!\\d)${value}(?!\\d)`, "gu");
  return [...value].length >= FOUND_ANYWHERE
    ? new RegExp(literal, "giu")
    : new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, "giu");
}
