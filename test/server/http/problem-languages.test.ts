import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LANGUAGES, type Language } from "../../../server/problem-texts/language.ts";
import { problemTexts } from "../../../server/problem-texts/texts.ts";
import { PROBLEMS, type ProblemSlug } from "../../../server/problems.ts";
import { mountExchange } from "../../support/mounted-exchange.ts";
import { startNginx } from "../../support/nginx.ts";
import { reasonToSkip } from "../../support/programs.ts";
import { type RawAnswer, rawRequest } from "../../support/raw-request.ts";
import { startWorld, type World } from "../../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const slugs = Object.keys(PROBLEMS) as ProblemSlug[];
const ENTITIES: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };
/** What a reader sees of a piece of HTML; `ticks` where it stands as code. */
const textOf = (html = "") =>
  html
    .replace(/<code>([^<]*)<\/code>/g, "`$1`")
    .replace(/<[^>]+>/g, "")
    .replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity);
const within = (tag: string, html: string) => new RegExp(`<${tag}[^>]*>(.*?)</${tag}>`, "s").exec(html)?.[1];
/** In which language a page says that it is, and in which it is. */
const languageIn = ({ text, headers }: Pick<RawAnswer, "text" | "headers">) => [
  headers["content-language"],
  /<html lang="(\w+)">/.exec(text)?.[1],
  /en el log|no log|log too/.exec(text)?.[0],
];
const IN: Record<Language, string[]> = {
  es: ["es", "es", "en el log"],
  pt: ["pt", "pt", "no log"],
  en: ["en", "en", "log too"],
};
const ask = (path: string, headers: Record<string, string> = {}) => world.page.send(path, { headers });

describe.each(LANGUAGES)("in %s", (language) => {
  test.each(slugs)("%s says what it means and how to mend it, with settings as code", async (slug) => {
    const page = await ask(`/problems/${slug}`, { "accept-language": `${language},fr;q=0.9` });
    const { title, remedy } = (await problemTexts(language))[slug];
    expect(page.status).toBe(200);
    expect(languageIn(page)).toEqual(IN[language]);
    expect(textOf(within("h1", page.text))).toBe(title);
    expect(textOf(within("title", page.text))).toBe(`${title} – vambe-identity`);
    const main = page.text.split("<h1>")[1]?.split("<footer>")[0];
    const marked = remedy.replace(/\b[A-Z]+(_[A-Z]+)+(=true)?\b|data-[a-z]+(="include")?/g, "`$&`");
    expect(textOf(within("p", main ?? ""))).toBe(marked);
    expect(page.text).toContain("<code>request_id</code>");
    expect(page.text).not.toMatch(/undefined|\[object/);
  });

  test("a reader can change to each of the others, and stays on the page", async () => {
    const { text } = await ask("/problems/proof-expired", { "accept-language": language });
    const links = [...text.matchAll(/<a href="(.*?)" hreflang="(\w+)" lang="(\w+)">(.*?)<\/a>/g)];
    expect(links.map(([, , hreflang]) => hreflang)).toEqual(LANGUAGES.filter((other) => other !== language));
    for (const [, href = "", hreflang, lang, name] of links) {
      expect(name).toBe({ es: "Español", pt: "Português", en: "English" }[lang ?? ""]);
      const { pathname, search } = new URL(href, `${world.exchange.url}/problems/proof-expired`);
      const other = await ask(pathname + search, { "accept-language": language });
      expect(languageIn(other)).toEqual(IN[hreflang as Language]);
      expect(other.text).toContain("<code>proof-expired</code>");
    }
  });
});

describe("the language is", () => {
  test.each<[string, Language]>([
    ["es-CO,es;q=0.9,en;q=0.8", "es"],
    ["pt-BR,pt;q=0.9,en;q=0.8", "pt"],
    ["fr-CA,fr;q=0.9,pt;q=0.2,en;q=0.1", "pt"],
    ["de,ja;q=0.5", "en"],
    ["*", "en"],
    [`${"x".repeat(20_000)},es`, "es"],
    ["\u00e9s,;;q=", "en"],
  ])("of %s: %s", async (header, language) => {
    expect(languageIn(await ask("/problems/not-json", { "accept-language": header }))).toEqual(IN[language]);
  });

  test("English where the browser names none", async () => {
    expect(languageIn(await ask("/problems/not-json"))).toEqual(IN.en);
  });

  test.each<[string, Language]>([
    ["?lang=pt", "pt"],
    ["/?lang=pt", "pt"],
    ["?from=mail&lang=en#remedy", "en"],
    // What is none of ours leaves it to the browser.
    ["?lang=fr", "es"],
    ["?lang=", "es"],
    ["?lang=PT", "es"],
    ["?lang=__proto__", "es"],
    ["?lang=%zz&x=%ff", "es"],
    ["?language=pt", "es"],
    ["?lang=%3Cscript%3E", "es"],
  ])("by the address %s: %s", async (query, language) => {
    const page = await ask(`/problems/not-json${query}`, { "accept-language": "es-MX" });
    expect(languageIn(page)).toEqual(IN[language]);
    expect(page.text).not.toMatch(/<script|__proto__|%zz/);
  });

  test("chosen in an app that mounts the exchange below a path, too", async () => {
    await using app = await mountExchange({ publicUrl: "https://www.example.com/identity" });
    const page = async (query: string) => {
      const url = `https://www.example.com/identity/problems/not-json${query}`;
      const response = await app.fetch(new Request(url, { headers: { "accept-language": "pt-BR" } }));
      return languageIn({
        text: await response.text(),
        headers: { "content-language": response.headers.get("content-language") ?? "" },
      });
    };
    expect(await page("")).toEqual(IN.pt);
    expect(await page("?lang=es")).toEqual(IN.es);
  });

  test("English in the JSON of every answer, for machines", async () => {
    const answer = await world.page.send("/nowhere", { headers: { "accept-language": "es" } });
    expect(answer.problem().title).toBe(PROBLEMS["not-found"].title);
    expect(answer.headers["content-language"]).toBeUndefined();
  });
});

describe("a cache", () => {
  test("is told what the answer depends on", async () => {
    for (const method of ["GET", "HEAD"]) {
      for (const path of ["/problems/not-json", "/problems/not-json?lang=es"]) {
        const headers = { "accept-language": "es" };
        const page = await world.page.send(path, { method, headers });
        expect(page.headers).toMatchObject({
          vary: "Accept-Language",
          "content-language": "es",
          "cache-control": "no-cache",
        });
      }
    }
  });

  const missing = reasonToSkip("nginx", "-v");
  test.skipIf(missing)(
    `that stores whatever it gets shows nobody a page of another language${missing ? ` (not run: ${missing})` : ""}`,
    async () => {
      await using nginx = await startNginx([world.exchange.port], { storing: true });
      const read = async (header: string) => {
        const page = await rawRequest(`${nginx.url}/problems/not-json`, {
          headers: { "accept-language": header },
        });
        return [page.headers["x-cache"], ...languageIn(page)];
      };
      for (const cache of ["MISS", "HIT"]) {
        expect(await read("es-MX")).toEqual([cache, ...IN.es]);
        expect(await read("pt-BR,en;q=0.1")).toEqual([cache, ...IN.pt]);
        expect(await read("en-US")).toEqual([cache, ...IN.en]);
      }
    },
  );
});
