import { describe, expect, test } from "vitest";
import { columnsOf } from "../../../server/import/columns.ts";

const options = { map: {}, listed: ["plan", "seats", "account_id"], required: ["id"] };
const traits = (names: string[], changes: Partial<typeof options> = {}) =>
  Object.fromEntries(columnsOf(names, { ...options, ...changes }).traitOf);

describe("a column", () => {
  test("is the trait of its name, in capitals or not", () => {
    expect(traits(["ID", "Name", "E-Mail", "plan", "Seats"])).toEqual({
      ID: "id",
      Name: "name",
      plan: "plan",
      Seats: "seats",
    });
  });

  test("may have Vambe's own names", () => {
    const names = ["external_user_id", "contact_name", "contact_phone_number", "company.name"];
    expect(Object.values(traits(names))).toEqual(["id", "name", "phone", "company.name"]);
  });

  test("is what the operator says", () => {
    const map = { id: "uuid", plan: "subscription", account_id: "acct" };
    expect(traits(["uuid", "plan", "subscription", "acct"], { map } as object)).toEqual({
      uuid: "id",
      subscription: "plan",
      acct: "account_id",
    });
  });

  test("that VAMBE_FIELDS lists is that field, and no other name of something else", () => {
    expect(traits(["id", "user_id"], { listed: ["user_id"] })).toEqual({ id: "id", user_id: "user_id" });
  });

  test("that goes nowhere is named", () => {
    const { unused } = columnsOf(["id", "plan", "notes", "company.name", "error"], options);
    expect(unused).toEqual(["notes", "company.name"]);
  });
});

test.each([
  [["name"], {}, /no column id or external_user_id or user_id: name it by --map id=<column>.*columns: name/],
  [["id", "id"], {}, /two columns "id"/],
  [["id"], { map: { plan: "tier" } }, /no column "tier" \(--map plan=tier\).*columns: id/],
  [["id", "tier"], { map: { tier: "id" } }, /tier is no trait. There are id, name.*account_id/],
  [["uuid"], { map: { id: "uuid", plan: "uuid" } }, /id=uuid and --map plan=uuid: a column has one trait/],
  [["id"], { required: ["phone"] }, /no column phone or phone_number/],
])("%j with %j is told, and what to do", (names, changes, message) => {
  expect(() => columnsOf(names, { ...options, ...changes } as typeof options)).toThrow(message);
});
