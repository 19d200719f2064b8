import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

/** Header floods and slow-loris: the attacker wants connections, memory or time; others want to be served. */

const head = `POST /identify HTTP/1.1\r\nHost: x\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/json\r\n`;
const served = async (world: World, id = "jane") => (await world.signIn(id)).identity().user.verified;

describe("a header flood", () => {
  test("is refused, whatever swells, and others are served", async () => {
    await using world = await startWorld();
    const body = JSON.stringify({ user: { id: "admin" }, proof: world.proofFor("admin") });
    const end = `Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const floods = {
      "one long header": `${head}X: ${"a".repeat(100_000)}\r\n${end}`,
      "one long name": `${head}${"a".repeat(100_000)}: x\r\n${end}`,
      "10,000 short ones": `${head}${"a: b\r\n".repeat(10_000)}${end}`,
      "10,000 of different names": `${head}${Array.from({ length: 10_000 }, (_, n) => `x${n}: b\r\n`).join("")}${end}`,
      "5,000 empty ones": `${head}${"a:\r\n".repeat(5000)}${end}`,
      "a long cookie": `${head}Cookie: ${"sid=x; ".repeat(20_000)}\r\n${end}`,
      "a long X-Forwarded-For": `${head}X-Forwarded-For: ${"1.2.3.4, ".repeat(10_000)}\r\n${end}`,
      "a long address": head.replace("/identify", `/identify?${"a".repeat(100_000)}`) + end,
      "a long Origin": head.replace(ORIGIN, `${ORIGIN}${"x".repeat(100_000)}`) + end,
      "a long Content-Type": head.replace("/json", `/json;${"x".repeat(100_000)}`) + end,
    };
    for (const [name, flood] of Object.entries(floods)) {
      const answer = await answerTo(world, flood);
      expect(answer, name).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
      expect(await served(world), name).toBe(true);
    }
    expect(JSON.stringify(world.vambe.standIn.upserts())).not.toContain("admin");
  });

  test("in which the true Origin gets lost does not put another in its place", async () => {
    await using world = await startWorld();
    const body = JSON.stringify({ user: { id: "admin" }, proof: world.proofFor("admin") });
    const many = "a:\r\n".repeat(2100);
    for (const origin of ["https://evil.example", "null"]) {
      const evil = head.replace(ORIGIN, origin);
      const lines = [
        evil + many,
        evil.replace(/Origin.*\r\n/, `${many}Origin: ${origin}\r\nOrigin: ${ORIGIN}\r\n`),
      ];
      for (const start of lines) {
        const flood = `${start}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
        expect(await answerTo(world, flood)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
      }
    }
    expect(world.vambe.standIn.upserts()).toEqual([]);
  });
});

test("a flood of requests in one breath, none of whose answers is read, holds up nobody else", async () => {
  await using world = await startWorld();
  const sockets = Array.from({ length: 20 }, () => {
    const socket = open(world);
    socket.pause();
    socket.write(`${head}Content-Length: 2\r\n\r\n{}`.repeat(200));
    return socket;
  });
  for (let n = 0; n < 5; n++) expect(await served(world, `jane-${n}`)).toBe(true);
  for (const socket of sockets) socket.resetAndDestroy();
  expect(await served(world, "after")).toBe(true);
});

test("connections that break off in every place leave no error and no contact behind", async () => {
  await using world = await startWorld();
  const body = JSON.stringify({ user: { id: "admin" }, proof: "x".repeat(200) });
  const whole = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  for (let cut = 0; cut < whole.length; cut += 9) {
    const socket = open(world);
    socket.write(whole.slice(0, cut), () => (cut % 2 ? socket.resetAndDestroy() : socket.end()));
  }
  expect(await served(world)).toBe(true);
  await sleep(200);
  expect(world.exchange.log().filter(({ level }) => level === "error")).toEqual([]);
  expect(JSON.stringify(world.vambe.standIn.upserts())).not.toContain("admin");
});

/** Ways to keep a connection busy without ever finishing a request. */
const SLOW: Record<string, { first: string; next: string }> = {
  "says nothing": { first: "", next: "" },
  "drips its first line": { first: "POST /", next: "a" },
  "drips its headers": { first: `${head}X: `, next: "a" },
  "drips its body": { first: `${head}Content-Length: 1000\r\n\r\n{`, next: " " },
};

/** Past the bound that `server/cli/serve.ts` sets for a request, 15 s, with much room for a slow machine. */
const CUT_WITHIN_MS = 24_000;

describe.concurrent("slow-loris", () => {
  test("others are served while 200 connections drip, and each of those is cut off in time", async () => {
    await using world = await startWorld();
    const from = performance.now();
    const loris = Object.entries(SLOW).flatMap(([how, bytes]) =>
      Array.from({ length: 50 }, () => ({ how, ...dripping(world, bytes) })),
    );
    for (let n = 0; n < 10; n++) {
      expect(await served(world, `jane-${n}`)).toBe(true);
      await sleep(200);
    }
    expect(loris.filter(({ isOpen }) => isOpen()).length).toBe(200);
    const left = () => new Set(loris.filter(({ isOpen }) => isOpen()).map(({ how }) => how));
    while (left().size > 0 && performance.now() - from < CUT_WITHIN_MS) await sleep(100);
    const leftOpen = [...left()];
    for (const { end } of loris) end();
    expect(leftOpen, `still open after ${CUT_WITHIN_MS} ms`).toEqual([]);
    expect(await served(world, "after")).toBe(true);
  });

  test("where they take every file that the process may open, it lives on and serves again once they are gone", async () => {
    await using world = await startWorld({ surroundings: { shell: "ulimit -n 128" } });
    expect(await served(world, "before")).toBe(true);
    const loris = Array.from({ length: 200 }, () => dripping(world, { first: `${head}X: `, next: "a" }));
    for (let n = 0; n < 10; n++) {
      await world.signIn(`meanwhile-${n}`).catch(() => "nobody answers");
      await sleep(300);
    }
    expect(loris.filter(({ isOpen }) => isOpen()).length).toBeLessThan(128);
    for (const { end } of loris) end();
    await eventually("jane is served", () => served(world, "jane"));
    await eventually("jane is at Vambe", () => idsAt(world).includes("jane"), { withinMs: 40_000 });
    expect(world.exchange.log().filter(({ event }) => event === "internal error")).toEqual([]);
  });
});

describe("where 1,024 files may be open, more connections than that, all from one attacker,", () => {
  test.each([
    ["that say nothing", ""],
    [
      "that have had an answer and begin another request",
      "GET /livez HTTP/1.1\r\n\r\nGET /livez HTTP/1.1\r\nX: ",
    ],
    ["that begin a request", `${head}X: `],
  ])("%s, keep nobody out while they are renewed all the time", async (_, first) => {
    await using world = await startWorld({ surroundings: { shell: "ulimit -n 1024" } });
    expect(await served(world, "before")).toBe(true);
    const held = new Set<Socket>();
    const renew = setInterval(() => {
      for (let n = held.size; n < 1300; n++) {
        const socket = open(world);
        if (first) socket.write(first);
        held.add(socket.resume());
        socket.once("close", () => held.delete(socket));
      }
    }, 100);
    try {
      await eventually("there are as many as there may be", () => held.size >= 1300);
      for (let n = 0; n < 8; n++) {
        // Whoever is unlucky in the rush of the moment tries again, as the widget does.
        await eventually(`visitor ${n} is served`, () => served(world, `visitor-${n}`).catch(() => false), {
          withinMs: 4000,
        });
        await sleep(250);
      }
    } finally {
      clearInterval(renew);
      for (const socket of held) socket.destroy();
    }
  });
});

const idsAt = (world: World) =>
  world.vambe.standIn.upserts().map(({ body }) => String(Object(body).external_user_id));

/** All that comes back, until either side has had enough. */
async function answerTo(world: World, bytes: string): Promise<string> {
  const socket = open(world);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return Buffer.concat(chunks).toString("utf8");
}

function open({ exchange }: World): Socket {
  return connect(exchange.port, "127.0.0.1").on("error", () => {});
}

/** Sends a little now, and a byte twice a second for ever. */
function dripping(world: World, { first, next }: { first: string; next: string }) {
  const socket = open(world);
  if (first) socket.write(first);
  const drops = setInterval(() => void (next && socket.writable && socket.write(next)), 500);
  socket.resume().once("close", () => clearInterval(drops));
  return { isOpen: () => !socket.closed && !socket.readableEnded, end: () => socket.destroy() };
}
