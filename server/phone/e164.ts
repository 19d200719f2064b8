import { type CountryCode, parsePhoneNumberFromString as parse } from "libphonenumber-js/min";

/** A phone number in E.164 (`+5511987654321`); `undefined` where it is none. */
export type ReadPhone = (typed: string) => string | undefined;

/** What libphonenumber does not know any more: how numbers were written before a country changed them. */
const BEFORE: readonly { country: string; old: RegExp; now: string }[] = [
  // Brazil's mobile numbers had eight digits until 2016, the first of them 6 to 9.
  { country: "55", old: /^\+55([1-9]\d)([6-9]\d{7})$/, now: "+55$19$2" },
  // Mexico dropped the 1 of mobile numbers, and 01, 044 and 045 in front of all, in 2019.
  { country: "52", old: /^\+52(?:1|01|044|045)(\d{10})$/, now: "+52$1" },
];

/**
 * So many digits have their country in front of them, though no plus. Fewer may be anything: 51 98765-4321 is a mobile number
 * in Brazil, and behind a plus another one in Peru.
 */
const WITH_COUNTRY = 12;

/**
 * @param country whose numbers are written without a country code: two letters (ISO 3166-1)
 * @returns reads a number as a person typed it
 */
export const createReadPhone =
  (country?: string): ReadPhone =>
  (typed) => {
    const text = typed.trim().replace(/^(tel:)?00/, "+");
    const number = valid(text, country);
    if (number || !/^\d/.test(text)) return number;
    // What is none of that country's can only lack its plus, as WhatsApp's own ids do.
    const isWhole = country !== undefined || text.replace(/\D/g, "").length >= WITH_COUNTRY;
    return isWhole ? valid(`+${text}`) : undefined;
  };

function valid(text: string, country?: string): string | undefined {
  const parsed = parse(text, country as CountryCode | undefined);
  if (!parsed) return undefined;
  const change = BEFORE.find(
    ({ country, old }) => country === parsed.countryCallingCode && old.test(parsed.number),
  );
  const number = change ? parsed.number.replace(change.old, change.now) : parsed.number;
  return parse(number)?.isValid() ? number : undefined;
}
