import { describe, expect, test } from "vitest";
import { readInput } from "../../../server/import/rows.ts";

/** In pieces of so many bytes: a file comes in whatever pieces it likes. */
async function* pieces(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = async (text: string | Uint8Array, size?: number) => {
  const { columns, rows } = await readInput(pieces(text, size));
  const all = [];
  for await (const row of rows) all.push(row);
  return { columns, rows: all };
};

describe("CSV", () => {
  const FILE = 'id,name,plan\nu1,"Doe, Jane",pro\nu2,"a ""quoted""\nname",\n\nu3,José,free\n';

  test.each([1, 7, 1000])("is read by its header, in pieces of %s bytes", async (size) => {
    const { columns, rows } = await read(FILE, size);
    expect(columns).toEqual(["id", "name", "plan"]);
    expect(rows.map(({ line, values }) => [line, values])).toEqual([
      [2, { id: "u1", name: "Doe, Jane", plan: "pro" }],
      [3, { id: "u2", name: 'a "quoted"\nname' }],
      [6, { id: "u3", name: "José", plan: "free" }],
    ]);
  });

  test.each([
    ["semicolons, as spreadsheets write them where numbers have commas", 'id;"a;b";plan\nu1;x,y;pro\n'],
    ["tabs", 'id\t"a;b"\tplan\nu1\tx,y\tpro\n'],
    ["a byte order mark", '\ufeffid,"a;b",plan\nu1,"x,y",pro\n'],
    ["Windows' line ends", 'id,"a;b",plan\r\nu1,"x,y",pro\r\n'],
    ["rows that were put behind a header of Windows", 'id,"a;b",plan\r\nu1,"x,y",pro\n'],
    ["no line end at the end", 'id,"a;b",plan\nu1,"x,y",pro'],
  ])("may have %s", async (_, text) => {
    const { columns, rows } = await read(text);
    expect(columns).toEqual(["id", "a;b", "plan"]);
    expect(rows.map(({ values }) => values)).toEqual([{ id: "u1", "a;b": "x,y", plan: "pro" }]);
  });

  test("a quote in the middle of a cell is a quote", async () => {
    const { rows } = await read('id,name\nu1,5" pipe\nu2,Jo\n');
    expect(rows.map(({ values }) => values.name)).toEqual(['5" pipe', "Jo"]);
  });

  test("a row that has more or fewer cells than the header is one bad row", async () => {
    const { rows } = await read("id,plan\nu1\nu2,pro\nu3,pro,x\n");
    expect(rows.map(({ mistake, values }) => mistake ?? values)).toEqual([
      "has 1 cells, and the header has 2",
      { id: "u2", plan: "pro" },
      "has 3 cells, and the header has 2",
    ]);
  });

  test.each([["a quote that is never closed", `id,name\nu1,"Jane\n${"u2,Joe\n".repeat(300_000)}`]])(
    "%s is told with its line, and nothing of the file",
    async (_, text) => {
      const failed = read(text, 65_536);
      await expect(failed).rejects.toThrow(/^is no CSV near line \d+ .*look for a quote/);
      await expect(failed).rejects.not.toThrow(/Jane|Ja"ne/);
    },
  );
});

describe("JSON Lines", () => {
  test.each([1, 9, 1000])("has an object a line, in pieces of %s bytes", async (size) => {
    const { columns, rows } = await read(
      '{"id":"u1","plan":null}\n\n{"id":2,"fields":{"seats":3}}\r\n[1]\n{"id"',
      size,
    );
    expect(columns).toBeUndefined();
    expect(rows.map(({ line, mistake, values }) => [line, mistake ?? values])).toEqual([
      [1, { id: "u1", plan: null }],
      [3, { id: 2, fields: { seats: 3 } }],
      [4, "is no JSON object on a line of its own"],
      [5, "is no JSON object on a line of its own"],
    ]);
  });

  test("a line without an end is told, and not held", async () => {
    await expect(read(`{"id":"${"x".repeat(3_000_000)}`, 65_536)).rejects.toThrow(/more than \d+ characters/);
  });
});

test.each([
  ["nothing", "", /^is empty/],
  ["white space", " \n \n", /^is empty/],
  ["Latin-1", Buffer.from("id,name\nu1,José\n", "latin1"), /not UTF-8: save it as UTF-8/],
])("%s is told", async (_, bytes, message) => {
  await expect(read(bytes)).rejects.toThrow(message);
});
