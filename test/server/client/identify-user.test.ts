import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ExchangeError, identifyUser } from "../../../server/client/index.ts";
import { reply, startUpstream } from "../../support/upstream.ts";
import { ORIGIN, startWorld, type World } from "../../support/world.ts";

/** A site's backend, such as its billing, tells a running exchange what has changed: no page is open. */

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const exchange = () => ({ exchangeUrl: world.exchange.url, secret: world.secret });
const contactOf = (id: string) =>
  world.vambe.standIn.contacts().find(({ external_user_id }) => external_user_id === id);
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error as ExchangeError,
  );

describe("a backend", () => {
  test("says that a plan is cancelled, and Vambe has it now", async () => {
    await world.signIn("jane", { name: "Jane Doe", plan: "premium" });
    const cancelled = await identifyUser({ id: "jane", plan: null }, exchange());
    expect(cancelled).toMatchObject({ status: "delivered", applied: ["plan"], ignored: [] });
    expect(cancelled.token).toMatch(/^eyJ/);
    expect(cancelled.expiresIn).toBeGreaterThan(800);
    expect(contactOf("jane")).toMatchObject({ contact: { name: "Jane Doe" }, fields: { plan: "" } });
    expect(await identifyUser({ id: "jane", plan: null }, exchange())).toMatchObject({ status: "unchanged" });
    expect(world.exchange.output()).toContain(cancelled.requestId);
  });

  test("hears what is wrong, and how to mend it", async () => {
    const wrong = await failureOf(
      identifyUser({ id: "jane" }, { ...exchange(), secret: "another-secret-of-at-least-32-bytes" }),
    );
    expect(wrong).toBeInstanceOf(ExchangeError);
    expect(wrong).toMatchObject({ code: "invalid_request", status: 400 });
    expect(wrong?.page).toBe(`${world.exchange.url}/problems/proof-signature`);
    expect(world.exchange.output()).toContain(wrong?.requestId);
    const origin = "https://elsewhere.example";
    expect(await failureOf(identifyUser({ id: "jane" }, { ...exchange(), origin }))).toMatchObject({
      code: "invalid_target",
    });
    expect(await identifyUser({ id: "jane" }, { ...exchange(), origin: ORIGIN })).toMatchObject({
      status: "unchanged",
    });
    await expect(identifyUser({ id: "" }, exchange())).rejects.toThrow(/^id /);
    const nowhere = { ...exchange(), exchangeUrl: "id.example.com" };
    await expect(identifyUser({ id: "jane" }, nowhere)).rejects.toThrow(/^exchangeUrl must be/);
    const withoutSecret = { ...exchange(), secret: undefined };
    await expect(identifyUser({ id: "jane" }, withoutSecret)).rejects.toThrow(/^secret is required/);
  });

  test("asks an exchange again that is being restarted, and gives up where the caller does", async () => {
    let calls = 0;
    const granted = { access_token: "eyJ", expires_in: 900, status: "queued", request_id: "r" };
    await using upstream = await startUpstream((socket, seen) => {
      calls += 1;
      if (calls === 1) return socket.destroy() && undefined;
      if (calls === 2) return reply(503, '{"error":"temporarily_unavailable"}')(socket, seen);
      return reply(200, JSON.stringify({ ...granted, applied: ["name"], ignored: [] }))(socket, seen);
    });
    const patient = await identifyUser({ id: "u" }, { ...exchange(), exchangeUrl: upstream.url });
    expect(patient).toMatchObject({ status: "queued", applied: ["name"], token: "eyJ" });
    // Each with a proof of its own.
    expect(new Set(upstream.seen.map(({ body }) => body)).size).toBe(3);
    const hasty = { ...exchange(), exchangeUrl: "http://127.0.0.1:9", signal: AbortSignal.timeout(300) };
    const failure = await failureOf(identifyUser({ id: "u" }, hasty));
    expect(failure?.name).toBe("TimeoutError");
  });

  test("is told where there is something else than an exchange", { timeout: 120_000 }, async () => {
    await using upstream = await startUpstream(reply(200, "<html>", { "content-type": "text/html" }));
    const failure = await failureOf(identifyUser({ id: "u" }, { ...exchange(), exchangeUrl: upstream.url }));
    expect(failure).toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("is no exchange"),
    });
  });
});
