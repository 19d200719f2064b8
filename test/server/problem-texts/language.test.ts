import { describe, expect, test } from "vitest";
import { LANGUAGES, type Language, languageOf } from "../../../server/problem-texts/language.ts";

describe("the language that a browser asks for", () => {
  test.each<[header: string | null, Language]>([
    // As browsers in these countries send it.
    ["es-MX,es;q=0.9,en-US;q=0.8,en;q=0.7", "es"],
    ["es-419,es;q=0.9", "es"],
    ["pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7,es;q=0.6", "pt"],
    ["en-US,en;q=0.9,es;q=0.8", "en"],
    // Of what is liked best, nothing is there.
    ["fr-FR,fr;q=0.9,en;q=0.8,pt;q=0.7", "en"],
    ["gl,es;q=0.8,en;q=0.6", "es"],
    ["fr,de;q=0.5", "en"],
    // Order counts for nothing where qualities differ, and decides where they do not.
    ["en;q=0.1, pt;q=0.3, es;q=0.2", "pt"],
    ["pt, es", "pt"],
    ["es;q=0.5,pt;q=0.5,en;q=0.5", "es"],
    ["en;q=0.5,es-AR;q=0.9,es;q=0.1", "es"],
    // Not acceptable, and whatever else there is.
    ["es;q=0, pt;q=0.001", "pt"],
    ["es;q=0", "en"],
    ["*", "en"],
    ["fr, *;q=0.1", "en"],
    ["en;q=0, *;q=0.5", "es"],
    ["en;q=0, es;q=0.000, *;q=0.5", "pt"],
    ["*;q=0.9, pt", "pt"],
    // Letters, blanks, and what begins like one of them.
    ["ES-mx", "es"],
    ["PT", "pt"],
    ["  fr ;q=0.9 ,\tpt ; q=0.8  ", "pt"],
    ["pt;Q=0.2, es;Q=0.3", "es"],
    ["est, ptx, en-x-es", "en"],
    // What is no range counts as not said.
    ["", "en"],
    [null, "en"],
    [",,;,", "en"],
    ["es;q=2, pt;q=0.1", "pt"],
    ["es;q=-1, pt;q=high, es_MX, es-ñ", "en"],
    ["constructor, __proto__, toString", "en"],
  ])("%j: %s", (header, language) => {
    expect(languageOf(header)).toBe(language);
  });

  test("of a header without end, no more than the first ranges is looked at", () => {
    expect(languageOf(`${"fr,".repeat(20)}pt`)).toBe("pt");
    expect(languageOf(`${"fr,".repeat(1_000_000)}pt`)).toBe("en");
  });

  test.each([
    ["blanks", `es${" ".repeat(2_000_000)}x`],
    ["parts", `es${"-mx".repeat(1_000_000)}!`],
    ["digits", `es;q=0.${"1".repeat(2_000_000)}`],
  ])("a range of millions of %s is none, and soon seen to be", (_, range) => {
    expect(languageOf(`${range},pt;q=0.1`)).toBe("pt");
  });

  test("is one of those that there are", () => {
    expect([...LANGUAGES].sort()).toEqual(["en", "es", "pt"]);
    for (const language of LANGUAGES) expect(languageOf(language)).toBe(language);
  });
});
