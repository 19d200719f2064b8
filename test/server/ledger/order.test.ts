import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ContactTraits } from "../../../server/ledger/contact-traits.ts";
import type { Delivery } from "../../../server/ledger/row.ts";
import { openRow } from "./open-row.ts";

describe("A, then B, then A again", () => {
  test("with A confirmed and B not sent yet: A is sent once more", () => {
    const row = openRow();
    row.ask({ name: "A" });
    row.confirm(row.take());
    row.ask({ name: "B" });
    expect(row.ask({ name: "A" }).outcome).toBe("changed");
    expect(row.take().traits).toEqual({ name: "A" });
  });

  test("with B under way: A is sent after it", () => {
    const row = openRow();
    row.ask({ name: "A" });
    row.confirm(row.take());
    row.ask({ name: "B" });
    const b = row.take();
    row.ask({ name: "A" });
    row.confirm(b);
    expect(row.now().state).toBe("pending");
    expect(row.take().traits).toEqual({ name: "A" });
  });

  test("with B under way and lost: nobody knows whether Vambe took it, so A is sent after it", () => {
    const row = openRow();
    row.ask({ name: "A" });
    row.confirm(row.take());
    row.ask({ name: "B" });
    const b = row.take();
    row.ask({ name: "A" });
    row.end(b, { kind: "retry", at: 0, error: "TimeoutError" });
    expect(row.take().traits).toEqual({ name: "A" });
  });
});

test("whatever happens in whatever order, Vambe ends up with the last value of each trait", () => {
  const traits = fc.dictionary(
    fc.constantFrom("name", "email", "field:plan", "field:seats"),
    fc.constantFrom("a", "b", ""),
    {
      minKeys: 1,
    },
  );
  const steps = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant("ask" as const), traits }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("take" as const) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("end" as const),
          how: fc.constantFrom("confirm", "lost", "lost after it arrived"),
        }),
      },
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(traits, steps, (first, then) => {
      const row = openRow();
      const vambe: Record<string, string> = {};
      const wanted: Record<string, string> = {};
      let underWay: Delivery | undefined;
      const ask = (said: ContactTraits) => {
        row.ask(said);
        Object.assign(wanted, said);
      };
      const end = (how: string) => {
        if (!underWay) return;
        if (how !== "lost") Object.assign(vambe, underWay.traits);
        if (how === "confirm") row.confirm(underWay);
        else row.end(underWay, { kind: "retry", at: 0, error: "TimeoutError" });
        underWay = undefined;
      };
      ask(first);
      for (const step of then) {
        if (step.do === "ask") ask(step.traits);
        else if (step.do === "end") end(step.how);
        else if (!underWay && row.now().state === "pending") underWay = row.take();
      }
      end("lost");
      for (let left = 3; left > 0 && row.now().state === "pending"; left--) {
        underWay = row.take();
        end("confirm");
      }
      expect(row.now()).toMatchObject({ state: "idle", pending: {} });
      expect(vambe).toEqual(wanted);
      expect(row.ask(wanted).outcome).toBe("unchanged");
    }),
    { numRuns: 2000 },
  );
});
