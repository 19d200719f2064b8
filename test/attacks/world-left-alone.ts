import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { tracesIn } from "../support/traces.ts";
import { ORIGIN, startWorld, type World } from "../support/world.ts";

/** An exchange that bodies are sent to. After each of them it serves everybody else as before. */
export let world: World;
let before: ReturnType<typeof tracesIn>;

/** What has happened until now is not counted against what is sent next. */
export function rememberTraces(): void {
  before = tracesIn(world);
}

export const nothingHappened = () => expect(tracesIn(world)).toEqual(before);

/** To be called once in a file, before its tests. */
export function shareOneWorld(): void {
  beforeAll(async () => {
    world = await startWorld();
    await world.signIn("somebody-else");
    rememberTraces();
  });
  afterAll(() => world[Symbol.asyncDispose]());
  afterEach(async () => {
    expect((await world.signIn("somebody-else")).identity().status).toBe("unchanged");
    expect(world.exchange.log().filter(({ level }) => level === "error")).toEqual([]);
  });
}

export const headers = { origin: ORIGIN, "content-type": "application/json" };
export const post = (body: string | Uint8Array, more: object = {}) =>
  world.page.send("/identify", { method: "POST", headers, body, ...more });

/** A body with a proof that holds. */
export const good = (id = "jane") => JSON.stringify({ user: { id }, proof: world.proofFor(id) });
