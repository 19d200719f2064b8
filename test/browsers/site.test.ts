import { expect, test } from "vitest";
import { startSite } from "./site.ts";

test("each site has an origin that no other has had: its browser may still know what that one stored", async () => {
  const urls = new Set<string>();
  for (let sites = 0; sites < 400; sites += 1) {
    await using site = await startSite();
    urls.add(site.url);
  }
  expect(urls.size).toBe(400);
});
