import { once } from "node:events";
import { Agent } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ORIGIN } from "../../support/world.ts";
import { type MountedWorld, PREFIX } from "../harness/world.ts";
import { slugIn } from "./answers.ts";

/** Above the exchange's limit of 32 KB, and below what body parsers take. */
const TOO_LARGE = 60_000;
/** Above what hosts hold in their buffers. */
const FAR_TOO_LARGE = 3_000_000;

/** Bodies that are too large, broken or not what they say. After each of them the host goes on. */
export function bodies(world: () => MountedWorld): void {
  const swollen = (size: number) =>
    JSON.stringify({ user: { id: "swollen", name: "x".repeat(size) }, proof: world().proofFor("swollen") });
  const goesOn = async () => {
    expect(world().app().isRunning()).toBe(true);
    expect((await world().ask("/")).text).toContain("The shop");
    expect((await world().identify("after")).status).toBe(200);
  };

  test.each([
    ["with its length", false],
    ["in chunks", true],
  ])("a body that is too large is refused with 413, %s", async (_, chunked) => {
    const answer = await world().identify("swollen", {}, { body: swollen(TOO_LARGE), chunked });
    expect([answer.status, slugIn(answer)]).toEqual([413, "body-too-large"]);
    expect(answer.headers["access-control-allow-origin"]).toBe(ORIGIN);
    await goesOn();
  });

  test.each([
    ["with its length", false],
    ["in chunks", true],
  ])("three megabytes are refused with 413, %s", async (_, chunked) => {
    const answer = await world().identify("swollen", {}, { body: swollen(FAR_TOO_LARGE), chunked });
    expect(answer.status).toBe(413);
    if (!world().variant.parsesBodies) expect(slugIn(answer)).toBe("body-too-large");
    await goesOn();
  });

  test("a connection that is kept serves the next request, also after a refusal", async () => {
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const chunked of [false, true]) {
      const asked = { body: swollen(TOO_LARGE), chunked, agent: kept, from: "127.0.0.4" };
      expect((await world().identify("swollen", {}, asked)).status).toBe(413);
      const page = await world().ask("/", { agent: kept, from: "127.0.0.4" });
      expect([page.status, page.text]).toEqual([200, expect.stringContaining("The shop")]);
      const next = await world().identify("kept", {}, { agent: kept, from: "127.0.0.4" });
      expect(next.status).toBe(200);
    }
    kept.destroy();
  });

  test("a body without a length is read", async () => {
    const answer = await world().identify("chunked", {}, { chunked: true });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"chunked"')]);
    expect(world().contacts()).toHaveProperty("chunked");
  });

  test("a body that breaks off harms nobody", async () => {
    const socket = connect(Number(new URL(world().url).port), "127.0.0.1");
    await once(socket, "connect");
    const head = [
      `POST ${PREFIX}/identify HTTP/1.1`,
      `Host: ${new URL(world().url).host}`,
      `Origin: ${ORIGIN}`,
      "Content-Type: application/json",
      "Content-Length: 4000",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n{"user":{"id":"broken-off"`);
    await sleep(100);
    socket.resetAndDestroy();
    await sleep(100);
    await goesOn();
    expect(world().contacts()).not.toHaveProperty("broken-off");
  });

  test("what is not JSON is refused with 400", async () => {
    for (const body of ['{"user":{"id":"half"', "", "null", "[]"]) {
      const answer = await world().identify("half", {}, { body });
      expect([body, answer.status]).toEqual([body, 400]);
    }
    if (!world().variant.parsesBodies)
      expect(slugIn(await world().identify("half", {}, { body: "{" }))).toBe("malformed-json");
    await goesOn();
  });

  test("ids and names in any letters arrive as they were sent", async () => {
    const [id, name] = ["zoë-山田", "Zoë Łukasz 山田 👋"];
    expect((await world().identify(id, { name })).status).toBe(200);
    expect(world().contacts()).toMatchObject({ [id]: name });
  });
}
