import type { Words } from "./words/en.ts";

/** Puts values into a text's `{…}`. */
export const put = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

const SPANS = [
  ["days", 86_400, 48 * 3600],
  ["hours", 3600, 2 * 3600],
  ["minutes", 60, 120],
  ["seconds", 1, 0],
] as const;

/** How long something takes or is ago, in one unit. @param ms milliseconds */
export function span(words: Words, ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [unit, length] = SPANS.find(([, , from]) => seconds >= from) ?? SPANS[3];
  return put(words[unit], { n: Math.floor(seconds / length) });
}

/** A moment as machines write it, without what nobody reads of it. */
export const moment = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/** The time of day. */
export const clock = (at: number): string => `${new Date(at).toISOString().slice(11, 19)} UTC`;

/** As numbers are written where most of the readers are. */
const LOCALES: Readonly<Record<string, string>> = { es: "es-419", pt: "pt-BR", en: "en" };

export const number = (lang: string, value: number): string =>
  new Intl.NumberFormat(LOCALES[lang]).format(value);

/** With one decimal, and never rounded up to all. */
export const percent = (lang: string, part: number, whole: number): string =>
  new Intl.NumberFormat(LOCALES[lang], { style: "percent", maximumFractionDigits: 1 }).format(
    Math.floor((part / whole) * 1000) / 1000,
  );
