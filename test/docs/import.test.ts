import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importing } from "../server/import/importing.ts";
import { startWorld, type World } from "../support/world.ts";

/** docs/import.md, as it stands. */

const page = readFileSync(new URL("../../docs/import.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map(([, block = ""]) => block);
const [commands = ""] = blocks("sh");
const [foreseen = "", csv = "", jsonLines = "", ended = ""] = blocks("text");
const SETTINGS = {
  VAMBE_FIELDS: "plan,phone,seats,company.name:company_name",
  VAMBE_PHONE_COUNTRY: "BR",
};

let world: World;
beforeAll(async () => {
  const fields = ["plan", "phone", "seats", "company_name"].map((key) => ({ key }));
  world = await startWorld({ environment: SETTINGS, vambe: { fields } });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const contact = () =>
  world.vambe.standIn.contacts().find(({ external_user_id }) => external_user_id === "user-1");
/** A line of the page, with whatever figures. */
const shaped = (line: string) =>
  RegExp(line.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\d[\d,]*/g, "[\\d,]+"), "m");

test("its files are imported by its commands, and what it says comes true", async () => {
  const { run, write } = importing(world, SETTINGS);
  const file = write("users.csv", csv);
  const words = commands.trim().split("\n");
  expect(words).toEqual([
    "npx vambe-identity import users.csv --dry-run",
    "npx vambe-identity import users.csv",
  ]);
  await run([file, "--dry-run"]);
  expect(contact()).toBeUndefined();
  const { status, output } = await run([file]);
  expect(status).toBe(0);
  expect(output).toMatch(shaped(ended.split("\n")[0] ?? ""));
  expect(contact()).toMatchObject({
    contact: { name: "Jane Doe", email: "jane@example.com" },
    fields: { plan: "premium", phone: "+5511987654321", company_name: "Acme" },
  });
  await run([write("users.jsonl", jsonLines)]);
  expect(contact()?.fields).toMatchObject({ plan: "", seats: "5", company_name: "Acme" });
});

test("what a dry run says is what it shows", async () => {
  const { run, write } = importing(world, SETTINGS);
  const rows = Array.from({ length: 6 }, (_, row) => `${row < 4 ? "" : `u${row}`},pro,x\n`).join("");
  const { output } = await run([write("dry.csv", `id,plan,notes\n${rows}`), "--dry-run"]);
  for (const line of foreseen.trim().split("\n"))
    expect(output).toMatch(shaped(line.replace("2 h 41 min", "1 s").replace("at 5 a", "at 1000 a")));
});
