import { afterAll, beforeAll, describe } from "vitest";
import { tellsItsStory } from "./story.ts";
import { reasonToSkip, type Visitor, visitExample } from "./visitor.ts";

describe.each(["php", "flask"])("examples/%s", (name) => {
  const missing = reasonToSkip(name);
  describe.skipIf(missing)(missing ? `(not run: ${missing})` : "in a browser", () => {
    let visitor: Visitor;
    beforeAll(async () => {
      visitor = await visitExample(name);
    });
    afterAll(() => visitor?.[Symbol.asyncDispose]());
    tellsItsStory(() => visitor);
  });
});
