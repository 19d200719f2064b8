/** The languages of the pages for people. Where none of them fits, English is taken. */
export const LANGUAGES = ["es", "pt", "en"] as const;

export type Language = (typeof LANGUAGES)[number];

/** Each by its own name. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  es: "Español",
  pt: "Português",
  en: "English",
};

export const isLanguage = (tag: string): tag is Language => LANGUAGES.some((language) => language === tag);

/** Browsers send a handful. */
const MOST_RANGES = 32;
/** One language range of RFC 9110 §12.5.4: the language that it begins with, and its quality. */
const RANGE = /^([a-z]{1,8}|\*)(?:-[a-z\d]{1,8})*(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/**
 * The language that a reader likes best, by the header `Accept-Language`: `es-MX` is Spanish, `pt-BR` Portuguese. Of
 * two that he likes the same, the one that he names first. What is no range counts as not said.
 */
export function languageOf(acceptLanguage: string | null): Language {
  const liked = new Map<string, number>();
  for (const range of (acceptLanguage ?? "").split(",", MOST_RANGES)) {
    const [, tag, quality = "1"] = RANGE.exec(range.trim()) ?? [];
    const language = tag?.toLowerCase() ?? "";
    liked.set(language, Math.max(Number(quality), liked.get(language) ?? 0));
  }
  let best: Language = "en";
  let most = 0;
  // Those behind the named ones are what `*` may stand for.
  for (const language of [...liked.keys(), "en", ...LANGUAGES].filter(isLanguage)) {
    const quality = liked.get(language) ?? liked.get("*") ?? 0;
    if (quality <= most) continue;
    best = language;
    most = quality;
  }
  return best;
}

/** The language that a reader has chosen in the page, or else the one that he likes best. */
export const chosenLanguage = (chosen: string | null, acceptLanguage: string | null): Language =>
  chosen !== null && isLanguage(chosen) ? chosen : languageOf(acceptLanguage);
