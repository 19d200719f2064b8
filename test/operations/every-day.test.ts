import { expect, test } from "vitest";
import { openSite } from "./site.ts";

test("Stop and start: pages that find nobody come again by themselves, and nobody is lost", async () => {
  await using site = await openSite();
  await site.visited();
  await site.perform("Stop and start");
  await site.visited();
  await site.nobodyIsLost();
}, 600_000);

test("Back up SQLite: beside a running exchange, and no page notices", async () => {
  await using site = await openSite();
  await site.visited();
  await site.perform("Back up SQLite");
  await site.visited();
  expect(await site.nobodyIsLost()).toEqual({ unanswered: 0 });
}, 600_000);
