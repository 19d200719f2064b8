import { afterAll, beforeAll, expect, test } from "vitest";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const json = { origin: ORIGIN, "content-type": "application/json" };
const attempt = (headers: Record<string, string>) =>
  world.page.identify({ id: "u", name: "Jane" }, world.proofFor("u"), { headers: { ...json, ...headers } });

test.each([
  ["a form that navigates", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }],
  ["an image or a beacon without CORS", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
  ["a frame", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }],
  ["a script tag", { "sec-fetch-mode": "cors", "sec-fetch-dest": "script" }],
])("%s identifies nobody, even from an allowed page", async (_, headers) => {
  expect((await attempt(headers)).problem().slug).toBe("not-fetch");
  expect(world.vambe.standIn.upserts()).toEqual([]);
});

test("a page of another site is refused by its origin, whatever Fetch Metadata says", async () => {
  for (const origin of ["https://evil.example", "null", `${ORIGIN}.evil.example`]) {
    const answer = await attempt({ origin, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" });
    expect(answer.problem().slug).toBe("origin-not-allowed");
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  }
  expect(world.vambe.standIn.upserts()).toEqual([]);
});

test("a script of an allowed page on another site is let in: that is what CORS is for", async () => {
  const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
  expect((await attempt(headers)).status).toBe(200);
});
