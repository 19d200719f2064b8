import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { API_KEY, startStandIn } from "./asking.ts";

let vambe: Awaited<ReturnType<typeof startStandIn>>;
beforeAll(async () => {
  vambe = await startStandIn();
});
afterAll(() => vambe.goAway());

const get = (path: string, key = API_KEY) => fetch(vambe.url + path, { headers: { "x-api-key": key } });

describe("the lists of the stand-in", () => {
  test("pipelines have stages, each with an id, as the API reference says", async () => {
    const [pipeline] = await (await get("/api/public/pipeline")).json();
    expect(Object.keys(pipeline).sort()).toEqual(["description", "id", "name", "stages"]);
    for (const stage of pipeline.stages)
      expect(Object.keys(stage).sort()).toEqual(["description", "id", "name"]);
  });

  test("the team has the fields of the API reference", async () => {
    const [member] = await (await get("/api/public/team-members/all")).json();
    expect(Object.keys(member).sort()).toEqual(["email", "first_name", "id", "last_name", "name", "phone"]);
  });

  test.each(["/api/public/pipeline", "/api/public/team-members/all"])(
    "%s is for who has the key, and fails as everything else does",
    async (path) => {
      const refused = await get(path, "another");
      expect([refused.status, (await refused.json()).message]).toEqual([
        401,
        "Unauthorized. Invalid API key.",
      ]);
      vambe.standIn.setFault("quota");
      expect((await get(path)).status).toBe(429);
      vambe.standIn.setFault("normal");
      expect((await get(path)).status).toBe(200);
    },
  );
});
