import { expect, test } from "vitest";
import { startListening } from "../support/listening.ts";
import { atNewAddress } from "./new-address.ts";
import { startSite } from "./site.ts";

/** The browser is the same in all scenarios, and may still know what an earlier site stored, or what was cached. */

test.each([
  ["site", startSite],
  ["exchange", () => atNewAddress(() => startListening((_, response) => response.end()))],
] as const)("each %s has an address that no other has had", async (_, start) => {
  const urls = new Set<string>();
  for (let servers = 0; servers < 400; servers += 1) {
    await using server = await start();
    urls.add(server.url);
  }
  expect(urls.size).toBe(400);
});
