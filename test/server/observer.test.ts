import { expect, test } from "vitest";
import type { Answered, Called, Identified, Observer, PROVEN_BY, Settled } from "../../server/observer.ts";
import { isOfProof, type SETTLEMENTS, type VERDICTS } from "../../server/observer.ts";
import { PROBLEMS } from "../../server/problems.ts";
import type { ProofKind } from "../../server/proof/proof.ts";
import { eventually } from "../support/eventually.ts";
import { startObserved } from "../support/observed-exchange.ts";
import { ORIGIN } from "../support/world.ts";

/** One who writes down all that he hears. */
function listener() {
  const heard = {
    answered: Array.of<Answered>(),
    identified: Array.of<Identified>(),
    called: Array.of<Called>(),
    settled: Array.of<Settled>(),
  };
  const observer: Required<Observer> = {
    answered: (what) => heard.answered.push(what),
    identified: (what) => heard.identified.push(what),
    called: (what) => heard.called.push(what),
    settled: (what) => heard.settled.push(what),
  };
  return { heard, observer };
}

const WILD = "https://*.shop.example.com";

test("who listens hears of each request, identify, call to Vambe and row that is settled", async () => {
  const { heard, observer } = listener();
  await using world = await startObserved([observer]);
  const id = "user-771";
  const asked = { user: { id }, proof: world.proofFor(id, { name: "Jane", email: "jane@example.com" }) };
  const requestIds: (string | null)[] = [];
  for (let load = 0; load < 2; load++) {
    const answer = await world.identify(asked);
    expect(answer.status).toBe(200);
    requestIds.push(answer.headers.get("x-request-id"));
  }
  expect(heard.identified.map(({ requestId }) => requestId)).toEqual(requestIds);
  expect(heard.identified.map(({ requestId, ...rest }) => rest)).toEqual([
    { origin: ORIGIN, provenBy: "jwt", verified: true, delivery: "delivered", acting: false },
    { origin: ORIGIN, provenBy: "jwt", verified: true, delivery: "unchanged", acting: false },
  ]);
  expect(heard.answered).toMatchObject(
    requestIds.map((requestId) => ({
      requestId,
      route: "/identify",
      method: "POST",
      status: 200,
      origin: ORIGIN,
    })),
  );
  expect(heard.called).toEqual([{ verdict: "confirmed", status: undefined, durationMs: expect.any(Number) }]);
  expect(heard.called[0]?.durationMs).toBeGreaterThan(0);
  expect(heard.settled).toEqual([{ kind: "delivered" }]);
});

test("whoever hears it learns what was refused, and why", async () => {
  const { heard, observer } = listener();
  await using world = await startObserved([observer]);
  await world.identify({ user: { id: "u" } });
  await world.identify({ user: { id: "u" }, proof: `${world.proofFor("u")}x` });
  await world.identify({ user: { id: "u" }, proof: world.proofFor("u") }, "https://evil.example.net");
  await world.identify({ user: { id: "u" }, proof: world.proofFor("u") }, "");
  await world.ask("/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: world.proofFor("u", { aud: "other" }),
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    }).toString(),
  });
  expect(
    heard.answered.map(({ route, status, problem, origin }) => [route, status, problem, origin]),
  ).toEqual([
    ["/identify", 401, "proof-missing", ORIGIN],
    ["/identify", 401, "proof-signature", ORIGIN],
    ["/identify", 403, "origin-not-allowed", "other"],
    ["/identify", 403, "origin-not-allowed", "none"],
    ["/token", 400, "proof-audience", "none"],
  ]);
  expect(heard.identified).toEqual([]);
});

test("what anybody can make up has no name of its own", async () => {
  const { heard, observer } = listener();
  await using world = await startObserved([observer], { allowedOrigins: [ORIGIN, WILD] });
  await world.ask("/wp-login.php?user=jane");
  await world.ask("/problems/proof-missing");
  await world.ask("/vambe-identity.js");
  const integrity: Record<string, string> = await (await world.ask("/integrity.json")).json();
  const [versioned = ""] = Object.keys(integrity).filter((name) => /^vambe-identity-\d/.test(name));
  await world.ask(`/${versioned}`);
  await world.ask("/identify", { method: "PROPFIND" });
  expect(heard.answered.map(({ route, method, status }) => [route, method, status])).toEqual([
    ["other", "GET", 404],
    ["/problems/{slug}", "GET", 200],
    ["/vambe-identity.js", "GET", 200],
    ["/integrity.json", "GET", 200],
    ["/vambe-identity-{version}.js", "GET", 200],
    ["/identify", "other", 405],
  ]);
});

test("nobody hears who the user is, what is known of him, what proves it, or where he is", async () => {
  const { heard, observer } = listener();
  await using world = await startObserved([observer], { allowUnverified: true });
  const traits = { name: "Janette", email: "janette@example.com", plan: "platinum" };
  const proof = world.proofFor("user-771", traits);
  await world.identify({ user: { id: "user-771" }, proof });
  await world.identify({ user: { id: "user-771", ...traits }, proof: `${proof.slice(0, -9)}AAAAAAAAA` });
  await world.identify({ user: { id: "user-772", ...traits } });
  world.vambe.standIn.setFault("down");
  await world.identify({ user: { id: "user-773" }, proof: world.proofFor("user-773", traits) });
  await eventually("Vambe has not answered as it should", () =>
    heard.called.some(({ verdict }) => verdict === "failed"),
  );
  const all = JSON.stringify(heard);
  expect(heard.answered.length).toBe(4);
  for (const secret of ["user-77", "anette", "platinum", "203.0.113", world.secret, ...proof.split(".")])
    expect(all).not.toContain(secret);
});

test("who fails to hear keeps neither the exchange nor the others from their work, and is said to once", async () => {
  const { heard, observer } = listener();
  const fails = () => {
    throw new Error("user-771 of jane@example.com");
  };
  await using world = await startObserved([
    { answered: fails, identified: fails, called: fails, settled: fails },
    observer,
  ]);
  for (const id of ["user-771", "user-772"])
    expect((await world.identify({ user: { id }, proof: world.proofFor(id) })).status).toBe(200);
  expect(Object.values(heard).map(({ length }) => length)).toEqual([2, 2, 2, 2]);
  expect(world.logged("error")).toMatchObject([
    { event: expect.stringContaining("observer"), cause: expect.stringMatching(/^Error/) },
  ]);
  expect(JSON.stringify(world.logged("error"))).not.toContain("jane");
});

test("what cannot be told is read: what is under way, what is paused, what the caches save", async () => {
  await using world = await startObserved([], { maxRate: 7 });
  const asked = { user: { id: "u" }, proof: world.proofFor("u") };
  await world.identify(asked);
  await world.identify(asked);
  await world.identify(asked);
  expect(world.exchange.readings()).toEqual({
    inFlight: 0,
    deliveries: { pause: undefined, perSecond: 7, underWay: 0, waitingPages: 0 },
    caches: {
      claims: { hits: 2, misses: 1, bytes: expect.any(Number) },
      tokens: { hits: 2, misses: 1, bytes: expect.any(Number) },
    },
  });
  world.vambe.standIn.setFault("key");
  for (const id of ["a", "b"]) await world.identify({ user: { id }, proof: world.proofFor(id) });
  await eventually("deliveries are paused", () => {
    expect(world.exchange.readings().deliveries?.pause).toMatchObject({ because: "unauthorized" });
    return true;
  });
});

test("a proof's problems are those that are about a proof", () => {
  expect(Object.keys(PROBLEMS).filter(isOfProof).sort()).toEqual([
    "issuer-unavailable",
    "proof-audience",
    "proof-claims",
    "proof-expired",
    "proof-lifetime",
    "proof-malformed",
    "proof-missing",
    "proof-other-user",
    "proof-signature",
    "proof-used",
    "proof-user-hash",
    "session-none",
  ]);
});

/** The lists of the observer's are those of the parts that tell it: else this does not compile. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const lists: [
  Same<(typeof PROVEN_BY)[number], ProofKind | "none">,
  Same<(typeof VERDICTS)[number], import("../../server/vambe/verdict.ts").Verdict["kind"]>,
  Same<(typeof SETTLEMENTS)[number], import("../../server/ledger/row.ts").Settlement["kind"]>,
] = [true, true, true];
test("each list of names is whole", () => expect(lists).toEqual([true, true, true]));
