import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BoundedMap } from "../../server/bounded-map.ts";

const MOST = 10;

type Model = { key: string; value: number; size: number }[];

/** What may be done with it, and what that does to a list with the newest first. */
interface Step {
  act: "set" | "get" | "peek" | "delete" | "clear";
  key: string;
  value: number;
  size: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom("set", "set", "set", "get", "get", "peek", "delete", "clear"),
  key: fc.constantFrom("a", "b", "c", "d", "e", "f"),
  value: fc.nat(),
  size: fc.integer({ min: 1, max: MOST + 1 }),
});

const others = (model: Model, key: string) => model.filter((entry) => entry.key !== key);

function after(model: Model, { act, key, value, size }: Step): Model {
  const found = model.find((entry) => entry.key === key);
  if (act === "clear") return [];
  if (act === "delete") return others(model, key);
  if (act === "get" && found) return [found, ...others(model, key)];
  if (act !== "set") return model;
  const all = [...(size > MOST ? [] : [{ key, value, size }]), ...others(model, key)];
  let sum = 0;
  return all.filter((entry) => {
    sum += entry.size;
    return sum <= MOST;
  });
}

function perform(map: BoundedMap<number>, { act, key, value, size }: Step): number | undefined {
  if (act === "get" || act === "peek") return map[act](key);
  if (act === "set") map.set(key, value, size);
  if (act === "delete") map.delete(key);
  if (act === "clear") map.clear();
  return undefined;
}

test("whatever is done with it, it keeps what was used last, within its bound", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const map = new BoundedMap<number>(MOST);
      let model: Model = [];
      for (const one of steps) {
        const read = perform(map, one);
        const known = model.find(({ key }) => key === one.key)?.value;
        expect(read).toBe(one.act === "get" || one.act === "peek" ? known : undefined);
        model = after(model, one);
        expect(map.entries()).toEqual(model.map(({ key, value }) => [key, value]));
        expect(map.keys()).toEqual(model.map(({ key }) => key));
        expect(map.values()).toEqual(model.map(({ value }) => value));
        expect([map.count, map.size]).toEqual([model.length, model.reduce((sum, { size }) => sum + size, 0)]);
        expect(map.has(one.key)).toBe(model.some(({ key }) => key === one.key));
      }
    }),
  );
});

test("of entries without a size it keeps so many", () => {
  const map = new BoundedMap<number>(2);
  for (const key of ["a", "b", "c"]) map.set(key, 1);
  expect(map.keys()).toEqual(["c", "b"]);
});

describe("what has gone is not kept,", () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const heapMB = () => {
    collect();
    return process.memoryUsage().heapUsed / 1024 / 1024;
  };

  test.each<[string, (map: BoundedMap<string>, round: number) => void]>([
    [
      "where it is emptied again and again",
      (map, round) => {
        map.set("one", `${round}`);
        map.clear();
      },
    ],
    ["where it is read all the time", (map, round) => void map.get(`${round % 100}`)],
    [
      "where entries come and go below the bound",
      (map, round) => {
        map.set("one", `${round}`.repeat(100));
        map.delete("one");
      },
    ],
    ["where new ones push out the old", (map, round) => map.set(`new ${round}`, "x".repeat(100))],
  ])("%s", (_, change) => {
    const map = new BoundedMap<string>(1000);
    for (let key = 0; key < 2000; key++) map.set(`${key % 1100}`, "x");
    for (let key = 0; key < 100; key++) map.set(`${key}`, "x");
    const before = heapMB();
    for (let round = 0; round < 300_000; round++) change(map, round);
    expect(heapMB() - before).toBeLessThan(3);
    expect(map.count).toBeLessThanOrEqual(1000);
  });
});
