import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packPackage } from "../../examples/runner/tarball.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tellsItsStory } from "./story.ts";
import { saidOfChat, type Visitor, visitExample } from "./visitor.ts";

/** What a first install and a build may take, in milliseconds. */
const PATIENCE_MS = 300_000;
const folder = temporaryFolder();
let tarball: string;
beforeAll(async () => {
  tarball = await packPackage(folder.path);
}, PATIENCE_MS);
afterAll(folder.remove);

describe.each([
  ["express", "as it is shipped", false],
  ["nuxt", "as it is shipped", false],
  ["next", "as it is shipped", false],
  ["next", "while one works on it, in strict mode", true],
])("examples/%s, %s", (name, _, toWorkOn) => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await visitExample(name, { tarball, toWorkOn });
  }, PATIENCE_MS);
  afterAll(() => visitor?.[Symbol.asyncDispose]());
  // In Next.js the exchange asks the site's own session, and nothing is signed.
  tellsItsStory(() => visitor, name === "next" ? { proofRoute: null } : {});

  test.runIf(name === "next")("each login and each page load asks the exchange once", async () => {
    const { example, page } = visitor;
    const identified: string[] = [];
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().endsWith("/identify"))
        identified.push(request.postDataJSON().user.id);
    });
    await page.getByLabel("Sign in as").selectOption("Ana Rivera");
    await page.getByRole("button", { name: "Log in" }).click();
    await saidOfChat(page, "The chat knows user-ana-01, verified.");
    await page.waitForLoadState("networkidle");
    expect(identified).toEqual(["user-ana-01"]);
    await page.goto(example.url);
    await saidOfChat(page, "The chat knows user-ana-01, verified.");
    await page.waitForLoadState("networkidle");
    expect(identified).toEqual(["user-ana-01", "user-ana-01"]);
    expect(visitor.complaints).toEqual([]);
  });
});
