import { describe, expect, test } from "vitest";
import { createReadPhone } from "../../../server/phone/e164.ts";

describe.each([
  ["BR", "(11) 98765-4321", "+5511987654321"],
  ["BR", "011 98765-4321", "+5511987654321"],
  ["BR", "0 15 11 98765 4321", "+5511987654321"],
  ["BR", "5511987654321", "+5511987654321"],
  ["BR", "+55 11 3265-4321", "+551132654321"],
  ["MX", "55 1234 5678", "+525512345678"],
  ["AR", "011 2345-6789", "+541123456789"],
  ["AR", "+54 9 11 2345 6789", "+5491123456789"],
  ["CO", "300 1234567", "+573001234567"],
  ["CL", "9 1234 5678", "+56912345678"],
  ["PE", "912 345 678", "+51912345678"],
  ["BR", "+1 202 555 0123", "+12025550123"],
  ["BR", "00 1 202 555 0123", "+12025550123"],
  ["BR", "tel:+1-202-555-0123", "+12025550123"],
  [undefined, "+1 (202) 555-0123", "+12025550123"],
  [undefined, "5491123456789", "+5491123456789"],
  [undefined, "55 11 98765-4321", "+5511987654321"],
  ["PE", "51987654321", "+51987654321"],
  [undefined, "  +57 300 1234567 ", "+573001234567"],
])("with the country %s", (country, typed, number) => {
  test(`${typed} is ${number}`, () => {
    expect(createReadPhone(country)(typed)).toBe(number);
  });
});

describe.each([
  ["Brazil's mobile number without its ninth digit", "BR", "(11) 8765-4321", "+5511987654321"],
  ["the same with the country", undefined, "+55 21 7765 4321", "+5521977654321"],
  ["the same as WhatsApp has it", undefined, "551187654321", "+5511987654321"],
  ["Mexico's 1 of mobile numbers", undefined, "+52 1 55 1234 5678", "+525512345678"],
  ["the same as WhatsApp has it", undefined, "5215512345678", "+525512345678"],
  ["Mexico's 044", "MX", "044 55 1234 5678", "+525512345678"],
  ["Mexico's 045", "MX", "045 55 1234 5678", "+525512345678"],
  ["Mexico's 01", "MX", "01 55 1234 5678", "+525512345678"],
  ["Argentina's 15", "AR", "011 15 2345-6789", "+5491123456789"],
  ["Argentina's 15 with the country", undefined, "+54 11 15 2345 6789", "+5491123456789"],
  ["Argentina's 15 behind a longer area code", "AR", "0351 15 234-5678", "+5493512345678"],
])("as it was written before: %s", (_, country, typed, number) => {
  test(`${typed} is ${number}`, () => {
    expect(createReadPhone(country)(typed)).toBe(number);
  });
});

test.each([
  "",
  "12",
  "hello",
  "jane@example.com",
  "+",
  "+999 12345",
  "+55 11",
  "11 98765-4321",
  // Of Porto Alegre, Uberlândia and Brasília: behind a plus they would be somebody's in Peru, Spain and Australia.
  "51 98765-4321",
  "34987654321",
  "61 41234-5678",
  "1".repeat(64),
])("%j is no phone number where no country is set", (typed) => {
  expect(createReadPhone()(typed)).toBeUndefined();
});

test("what is one already stays as it is", () => {
  const read = createReadPhone("BR");
  for (const number of ["+5511987654321", "+525512345678", "+5491123456789", "+551132654321", "+12025550123"])
    expect(read(number)).toBe(number);
});
