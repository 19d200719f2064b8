import { expect, test } from "vitest";
import { HAS_ONE_ADDRESS, type MountedWorld, PREFIX, RATE_LIMIT } from "../harness/world.ts";
import { slugIn } from "./answers.ts";

/** The app around the exchange: whose address is whose, and who is asking. */
export function hosts(world: () => MountedWorld): void {
  test("it is alive and ready", async () => {
    const [livez, readyz] = await Promise.all(
      ["livez", "readyz"].map((path) => world().ask(`${PREFIX}/${path}`)),
    );
    expect([livez?.status, readyz?.status]).toEqual([200, 200]);
    expect(JSON.parse(readyz?.text ?? "")).toMatchObject({ status: "ready", ledger: "ok" });
  });

  test("the app's own addresses stay its own", async () => {
    expect((await world().ask("/")).text).toContain("The shop");
    for (const path of ["/livez", "/vambe-identity.js", "/identity-of-ours", "/no-such-page"]) {
      const answer = await world().ask(path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.headers["content-type"] ?? "").not.toContain("problem+json");
    }
  });

  test("an address below the prefix that is not there is not found", async () => {
    const answer = await world().ask(`${PREFIX}/no-such-address`);
    expect(answer.status).toBe(404);
    const said = slugIn(answer);
    const { mount, variant } = world();
    if ((variant.unknownPath ?? mount.unknownPath) === "exchange") expect(said).toBe("not-found");
    else expect(said).toMatch(/^no problem/);
    expect(slugIn(await world().ask(`${PREFIX}/identify`))).toBe("method-not-allowed");
  });

  test("an error's page is below the prefix too", async () => {
    const refused = JSON.parse((await world().identify("x", {}, { body: '{"user":{"id":"x"}}' })).text);
    expect(refused.type).toBe(`${world().url}${PREFIX}/problems/proof-missing`);
    const page = await world().ask(new URL(refused.type).pathname);
    expect([page.status, page.headers["content-type"]]).toEqual([200, expect.stringContaining("text/html")]);
  });

  test.skipIf(HAS_ONE_ADDRESS)("a flood from one address locks out nobody else", async () => {
    const forged = { body: JSON.stringify({ user: { id: "ana-1" }, proof: "eyJ.forged.proof" }) };
    const flood = (from: string) => world().identify("ana-1", {}, { ...forged, from });
    const statuses: number[] = [];
    for (let i = 0; i <= RATE_LIMIT; i++) statuses.push((await flood("127.0.0.2")).status);
    expect(statuses.slice(0, RATE_LIMIT)).not.toContain(429);
    const limited = await flood("127.0.0.2");
    expect([limited.status, slugIn(limited)]).toEqual([429, "rate-limited"]);
    expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
    expect((await flood("127.0.0.3")).status).toBe(401);
    expect((await world().identify("neighbour", {}, { from: "127.0.0.3" })).status).toBe(200);
  });
}
