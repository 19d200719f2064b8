import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packPackage } from "../../examples/runner/tarball.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tellsItsStory } from "./story.ts";
import { saidOfChat, type Visitor, visitExample } from "./visitor.ts";

const PATIENCE_MS = 180_000;
const folder = temporaryFolder();
let tarball: string;
beforeAll(async () => {
  tarball = await packPackage(folder.path);
}, PATIENCE_MS);
afterAll(folder.remove);

function inBrowser(name: string): () => Visitor {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await visitExample(name, { tarball });
  }, PATIENCE_MS);
  afterAll(() => visitor?.[Symbol.asyncDispose]());
  return () => visitor;
}

describe("examples/node, with the packed tarball", () => {
  tellsItsStory(inBrowser("node"));
});

describe("examples/gtm, with the packed tarball", () => {
  const visitor = inBrowser("gtm");
  tellsItsStory(visitor);

  test("the tag's script has come into the page without the attributes that it was written with", async () => {
    const script = visitor().page.locator('script[src$="/vambe-identity.js"]');
    const given = await script.evaluate((element: HTMLScriptElement) => [
      element.getAttributeNames(),
      element.async,
    ]);
    expect(given).toEqual([["type", "id", "src"], false]);
  });

  test("who logs in without a new page is known, and who logs out so is forgotten: the tag fires again", async () => {
    const { page } = visitor();
    /** As a page of its own would: it asks its backend, and tells the data layer. */
    const say = (path: string, user: { id: string } | null) =>
      page.evaluate(
        async ({ path, user }) => {
          const body = new URLSearchParams({ user: user?.id ?? "" });
          await fetch(path, { method: "POST", body });
          const { dataLayer } = window as unknown as { dataLayer: object[] };
          dataLayer.push({ event: "vambe_user", vambe_user: user });
        },
        { path, user },
      );
    await say("/login", { id: "user-ana-01" });
    await saidOfChat(page, "The chat knows user-ana-01, verified.");
    await page.locator("vambe-identity").getByText("Ana Rivera").waitFor();
    await say("/login", { id: "user-bruno-02" });
    await saidOfChat(page, "The chat knows user-bruno-02, verified.");
    await say("/logout", null);
    await page.waitForFunction(() => window.VambeIdentify?.current === null);
    await page.locator("vambe-identity").getByText("Bruno Costa").waitFor({ state: "detached" });
    expect(visitor().complaints).toEqual([]);
  });
});
