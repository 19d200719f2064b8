import type { Upsert } from "./contract.ts";

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
/** Parts of a value, such as the first name, count from so many characters on. */
const SHORTEST_PART = 3;

/**
 * A text on one line, in which nothing can be read any more that the body or the key says: neither whole nor word by
 * word, in upper or lower case, nor escaped for JSON, HTML or an address. Email addresses and phone numbers of
 * anybody are cut out as well.
 */
export function withoutSent(text: string, body: Upsert, apiKey: string): string {
  const values = valuesIn(body).map(plain);
  let left = plain(text);
  for (const value of [...values, plain(apiKey)].sort((one, other) => other.length - one.length)) {
    if (value !== "") left = left.replace(patternOf(value), CUT);
  }
  left = withoutParts(left, partsOf(body));
  return left
    .replace(EMAIL, CUT)
    .replace(/\+\d[\d ().-]{5,}\d/g, CUT)
    .replace(/…[\s…]*…/g, CUT);
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
  const keys = new Set(fields.map(({ key }) => key.toLowerCase()));
  return new Set(parts.filter((part) => [...part].length >= SHORTEST_PART && !keys.has(part)));
}

function withoutParts(text: string, parts: ReadonlySet<string>): string {
  return text.replace(/([\p{L}\p{N}]+)(\.\.\.)?/gu, (word, whole: string, brokenOff?: string) => {
    const lower = whole.toLowerCase();
    if (parts.has(lower)) return CUT;
    return brokenOff && [...parts].some((part) => part.startsWith(lower)) ? CUT : word;
  });
}

function patternOf(value: string): RegExp {
  const literal = value.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return [...value].length >= FOUND_ANYWHERE
    ? new RegExp(literal, "giu")
    : new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, "giu");
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** The same for all ways of writing a text, on one line and without control characters. */
const plain = (text: string): string =>
  text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\[nrtbf]/g, " ")
    .replace(/\\(["\\/])/g, "$1")
    .replace(
      /&#(\d{1,7}|x[0-9a-f]{1,6});/gi,
      (entity, code: string) => fromCode(Number(`0${code}`)) ?? entity,
    )
    .replace(/&(amp|lt|gt|quot|apos|nbsp);/g, (_, name: string) => ENTITIES[name] ?? "")
    .replace(/(?:%[0-9a-f]{2})+/gi, unescaped)
    .toWellFormed()
    .normalize("NFKC")
    .replace(/[\p{C}\p{Z}]+/gu, " ")
    .trim();

const fromCode = (code: number): string | undefined =>
  code <= 0x10ffff ? String.fromCodePoint(code) : undefined;

function unescaped(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped;
  }
}
