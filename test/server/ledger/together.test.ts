import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Together } from "../../../server/ledger/together.ts";
import { eventually } from "../../support/eventually.ts";

interface Group {
  of: readonly string[];
  end(): void;
  fail(error: Error): void;
}

/** Groups as they come, each of which ends when it is told to. */
function watched(limits?: { most?: number; lateMs?: number }) {
  const groups: Group[] = [];
  const together = new Together(async (of: readonly string[]) => {
    await new Promise<void>((resolve, reject) => groups.push({ of, end: resolve, fail: reject }));
    return of.map((one) => (one === "bad" ? { error: new Error(one) } : { answer: one.toUpperCase() }));
  }, limits);
  /** Once it has begun. */
  const group = async (number: number) => {
    await eventually(`group ${number} has begun`, () => groups.length > number);
    return groups[number] ?? Promise.reject(new Error("it has begun"));
  };
  return { together, group, of: () => groups.map(({ of }) => of) };
}

describe("what is asked for together", () => {
  test("in one turn is one group, and what comes while it is under way is the next", async () => {
    const { together, group, of } = watched();
    const first = ["a", "b", "c"].map((one) => together.ask(one));
    const { end } = await group(0);
    const second = ["d", "e"].map((one) => together.ask(one));
    await sleep(20);
    expect(of()).toEqual([["a", "b", "c"]]);
    end();
    expect(await Promise.all(first)).toEqual(["A", "B", "C"]);
    (await group(1)).end();
    expect(await Promise.all(second)).toEqual(["D", "E"]);
    expect(of()).toEqual([
      ["a", "b", "c"],
      ["d", "e"],
    ]);
  });

  test("ends for each by itself: what fails of one fails for nobody else, and a group that fails fails for all", async () => {
    const { together, group } = watched();
    const ends = Promise.allSettled(["a", "bad", "c"].map((one) => together.ask(one)));
    (await group(0)).end();
    expect((await ends).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    const others = Promise.allSettled(["a", "b"].map((one) => together.ask(one)));
    (await group(1)).fail(new Error("the disk is full"));
    expect((await others).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const after = together.ask("again");
    (await group(2)).end();
    expect(await after).toBe("AGAIN");
  });

  test("is in several groups where there is more than one may have", async () => {
    const { together, group, of } = watched({ most: 2 });
    const all = ["a", "b", "c"].map((one) => together.ask(one));
    (await group(0)).end();
    (await group(1)).end();
    expect(await Promise.all(all)).toEqual(["A", "B", "C"]);
    expect(of()).toEqual([["a", "b"], ["c"]]);
  });

  test("does not wait for a group that takes too long", async () => {
    const { together, group } = watched({ lateMs: 20 });
    const stuck = together.ask("stuck");
    const { end } = await group(0);
    const next = together.ask("next");
    (await group(1)).end();
    expect(await next).toBe("NEXT");
    let hasEnded = false;
    const ended = together.ended().then(() => {
      hasEnded = true;
    });
    await sleep(20);
    expect(hasEnded).toBe(false);
    end();
    expect(await stuck).toBe("STUCK");
    await ended;
  });
});
