import { afterAll, beforeAll, describe } from "vitest";
import { packPackage } from "../../examples/runner/tarball.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tellsItsStory } from "./story.ts";
import { type Visitor, visitExample } from "./visitor.ts";

const PATIENCE_MS = 180_000;
const folder = temporaryFolder();
let tarball: string;
beforeAll(async () => {
  tarball = await packPackage(folder.path);
}, PATIENCE_MS);
afterAll(folder.remove);

describe.each(["node", "gtm"])("examples/%s, with the packed tarball", (name) => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await visitExample(name, { tarball });
  }, PATIENCE_MS);
  afterAll(() => visitor?.[Symbol.asyncDispose]());
  tellsItsStory(() => visitor);
});
