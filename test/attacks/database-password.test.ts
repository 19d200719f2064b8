import { writeFileSync } from "node:fs";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openLedger } from "../../server/ledger/open.ts";
import { readEnvironment } from "../../server/settings/environment.ts";
import { SettingsError } from "../../server/settings/settings-error.ts";
import { dataKeyOf } from "../support/data-key.ts";
import { runExchange } from "../support/exchange-process.ts";
import { freePort } from "../support/free-port.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { freshSettings } from "../support/world.ts";

/**
 * Whoever reads a log learns nothing of the database's password, however badly the URL is put together: what follows a
 * character that ought to have been encoded looks like a host, a port, a database, a parameter or a fragment.
 */

/** Pieces of a password: words, and numbers that could be a port. Nothing else prints them. */
const PIECES = ["Geheim", "6173", "Kennwort", "59821", "Passwort"];
const BETWEEN = [
  "@",
  "/",
  "?",
  "#",
  "%",
  ":",
  "&",
  "=",
  ",",
  "[",
  "]",
  "\\",
  " ",
  "+",
  ";",
  "%2",
  "%zz",
  "%00",
  "?host=",
  "?max=",
  "?sslmode=",
  "://",
];

const SAMPLES = ["6173/Geheim@Kennwort", "Kennwort/6173#Geheim", "59821#Geheim", "Geheim%Kennwort?6173"];

/** Where a password stands, and where it comes to stand by mistake. Nobody listens at port 1. */
const POSITIONS: Record<string, (password: string) => string> = {
  "its own place": (password) => `postgres://tester:${password}@127.0.0.1:1/db`,
  "its own place, with parameters": (password) =>
    `postgresql://tester:${password}@127.0.0.1:1/db?sslmode=verify-full&max=3`,
  "behind the ?": (password) => `postgres://127.0.0.1:1/db?user=tester&password=${password}`,
  "behind the ?, not last": (password) =>
    `postgres:///db?password=${password}&user=tester&host=127.0.0.1&port=1`,
  "the user's place": (password) => `postgres://${password}@127.0.0.1:1/db`,
  "a URL without a host": (password) => `postgres://tester:${password}@/db?host=/nowhere`,
  "a URL whose host was forgotten": (password) => `postgres://tester:${password}`,
  "a URL without its scheme": (password) => `tester:${password}@127.0.0.1:1/db`,
  "a scheme in capitals": (password) => `POSTGRES://tester:${password}@127.0.0.1:1/db`,
  "words of the form key=value": (password) => `host=127.0.0.1 user=tester password=${password}`,
  "a parameter's name": (password) => `postgres://tester@127.0.0.1:1/db?${password}`,
  "a parameter's value": (password) => `postgres://tester@127.0.0.1:1/db?sslmode=${password}`,
  "a file's path": (password) => `postgres://tester@127.0.0.1:1/db?sslrootcert=/${password}`,
};
const positions = Object.entries(POSITIONS);

const passwords = fc
  .tuple(
    fc.shuffledSubarray(PIECES, { minLength: 1, maxLength: 3 }),
    fc.array(fc.constantFrom(...BETWEEN), { minLength: 4, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([pieces, between, isFirst]) =>
    (isFirst ? ["", ...pieces] : pieces)
      .map((piece, at) => `${at === 0 ? "" : between[at]}${piece}`)
      .join(""),
  );

const leak = (printed: string) => PIECES.filter((piece) => printed.includes(piece));

/** All that could be printed of what is thrown: a hidden property too, as a crash report would have it. */
const everything = (error: unknown) =>
  `${Object(error).stack} ${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;

const environmentOf = (url: string) => ({
  ...freshSettings().environment,
  VAMBE_PUBLIC_URL: "https://id.example.com",
  VAMBE_DATABASE_URL: url,
});

describe("a database's password is in nothing that is said", () => {
  test("by the settings and the connection, by the thousand", async () => {
    await fc.assert(
      fc.asyncProperty(passwords, fc.constantFrom(...positions), async (password, [position, urlOf]) => {
        const url = urlOf(password);
        const said: string[] = [];
        try {
          const { settings, warnings } = readEnvironment(environmentOf(url));
          said.push(...warnings);
          // A name that nobody has would be looked up for a while.
          if (!/^postgres/.test(settings.databaseUrl) || position === "a URL whose host was forgotten")
            return;
          const ledger = await openLedger(settings.databaseUrl, dataKeyOf("key"), "c", (text) =>
            said.push(text),
          );
          await ledger.takeOver().catch((error) => said.push(everything(error)));
          await ledger.close();
        } catch (error) {
          expect(error).toBeInstanceOf(SettingsError);
          said.push(everything(error));
        }
        expect([url, leak(said.join("\n"))]).toEqual([url, []]);
      }),
      { numRuns: 3000, interruptAfterTimeLimit: 20_000 },
    );
  });

  test.each(positions)("by serve and by outbox list: %s", async (_, urlOf) => {
    using folder = temporaryFolder();
    const { environment } = freshSettings();
    const { VAMBE_DATABASE_URL: _url, ...rest } = environment;
    const port = `${await freePort()}`;
    for (const [at, password] of SAMPLES.entries()) {
      const url = urlOf(password);
      writeFileSync(folder.file("url"), `${url}\n`);
      const { code, output } =
        at % 2 === 0
          ? await runExchange({ ...rest, VAMBE_DATABASE_URL_FILE: folder.file("url"), PORT: port })
          : await runExchange({ ...rest, VAMBE_DATABASE_URL: url }, ["outbox", "list"]);
      expect([url, code, leak(output)]).toEqual([url, 1, []]);
      expect(output).not.toMatch(/^\s+at /m);
    }
  });
});
