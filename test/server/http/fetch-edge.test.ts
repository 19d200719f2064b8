import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mountExchange } from "../../support/mounted-exchange.ts";
import { signProof } from "../../support/proofs.ts";
import { ORIGIN } from "../../support/world.ts";

/** The handler as an app mounts it, asked with nothing but standard `Request` objects. */

let mounted: Awaited<ReturnType<typeof mountExchange>>;
beforeAll(async () => {
  mounted = await mountExchange();
});
afterAll(() => mounted[Symbol.asyncDispose]());

const URL = "https://id.example.com/identify";
const headers = { origin: ORIGIN, "content-type": "application/json" };
const good = (id = "jane") => JSON.stringify({ user: { id }, proof: signProof(mounted.secret, id) });
const post = async (body: BodyInit, more: Record<string, string> = {}) => {
  const request = new Request(URL, {
    method: "POST",
    headers: { ...headers, ...more },
    body,
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  });
  const answer = await mounted.fetch(request);
  return { status: answer.status, text: await answer.text() };
};
/** A body that comes in pieces, and what became of it. */
function stream(pieces: Iterable<unknown>) {
  const all = pieces[Symbol.iterator]();
  const state = { pulled: 0, cancelled: false };
  const body = new ReadableStream({
    pull: (controller) => {
      const next = all.next();
      state.pulled += 1;
      if (next.done) controller.close();
      else controller.enqueue(typeof next.value === "string" ? Buffer.from(next.value) : next.value);
    },
    cancel: () => {
      state.cancelled = true;
    },
  });
  return { body, state };
}
function* endless() {
  for (;;) yield " ".repeat(1024);
}

describe("a Request object has no Content-Length of its own", () => {
  test.each<[string, () => BodyInit]>([
    ["a string", () => good()],
    ["bytes", () => Buffer.from(good())],
    ["a Blob", () => new Blob([good()])],
    ["a stream", () => stream(good().match(/.{1,7}/gs) ?? []).body],
  ])("as %s the body is read", async (_, body) => {
    expect((await post(body())).status).toBe(200);
  });

  test("a wrong one beside it is not believed", async () => {
    for (const length of ["5", "0", "x", "99999999"])
      expect((await post(good(), { "content-length": length })).status).toBe(200);
  });
});

describe("the limit", () => {
  test("holds for a stream, which is not read any further", async () => {
    const { body, state } = stream(endless());
    const answer = await post(body);
    expect(answer.status).toBe(413);
    expect(answer.text).toContain("body-too-large");
    expect(state.cancelled).toBe(true);
    expect(state.pulled).toBeLessThan(40);
  });

  test("is 32 KB to the byte", async () => {
    expect((await post(good().padEnd(32 * 1024))).status).toBe(200);
    expect((await post(good().padEnd(32 * 1024 + 1))).status).toBe(413);
  });
});

test.each<[string, () => BodyInit]>([
  ["breaks off", () => new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) })],
  ["holds what is not bytes", () => stream([{ length: 1 }, 7]).body],
])("a stream that %s is refused", async (_, body) => {
  expect(await post(body())).toMatchObject({ status: 400 });
});

test("a body that somebody else has read is refused, and says so", async () => {
  const request = new Request(URL, { method: "POST", headers, body: good() });
  await request.text();
  const answer = await mounted.fetch(request);
  expect(answer.status).toBe(500);
  expect((await answer.json()).detail).toMatch(/has read the body before it/);
});
