import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { inSeconds, signJwt } from "../support/proofs.ts";
import { NO_TRACES, tracesIn } from "../support/traces.ts";
import { startWorld, type World } from "../support/world.ts";

/**
 * A proof that would hold for ever, or from later on, is a password. Clocks may differ by 60 s: what is tested stands
 * a few seconds on either side, on the side where a slow machine changes nothing if it can be chosen.
 */

type Json = Record<string, unknown>;

const HOUR = 3600;
const YEAR_9999 = 253_402_300_799;

let world: World;
/** Here what is refused is tried: nothing may ever happen. */
let untouched: World;
beforeAll(async () => {
  world = await startWorld();
  untouched = await startWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await untouched[Symbol.asyncDispose]();
});

const expectRefused = async (proof: string, slug: string) => {
  const answer = await untouched.page.identify({ id: "jane" }, proof);
  expect(answer.problem()).toMatchObject({ slug, status: 401 });
  expect(tracesIn(untouched)).toEqual(NO_TRACES);
};
/** These claims as JSON text, with some of them written by hand: JavaScript would not write them so. */
const withText = (texts: Record<string, string>) => {
  const claims: Json = { sub: "jane", aud: "vambe-identity", iat: inSeconds(0), exp: inSeconds(600) };
  const all = Object.entries({ ...claims }).map(([name, value]) => [name, JSON.stringify(value)]);
  const merged = { ...Object.fromEntries(all), ...texts };
  return `{${Object.entries(merged)
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join(",")}}`;
};

describe("exp", () => {
  test.each<[string, () => Json, string]>([
    ["left out", () => ({ exp: undefined }), "proof-lifetime"],
    [
      "under another name",
      () => ({ exp: undefined, EXP: inSeconds(60), expires: inSeconds(60) }),
      "proof-lifetime",
    ],
    ["null", () => ({ exp: null }), "proof-lifetime"],
    ["a string", () => ({ exp: String(inSeconds(600)) }), "proof-lifetime"],
    ["a date as text", () => ({ exp: new Date(Date.now() + 600_000).toISOString() }), "proof-lifetime"],
    ["a list", () => ({ exp: [inSeconds(600)] }), "proof-lifetime"],
    ["an object", () => ({ exp: { valueOf: inSeconds(600) } }), "proof-lifetime"],
    ["true", () => ({ exp: true }), "proof-lifetime"],
    ["false", () => ({ exp: false }), "proof-lifetime"],
    ["zero", () => ({ exp: 0 }), "proof-expired"],
    ["below zero", () => ({ exp: -1 }), "proof-expired"],
    ["as far below zero as it should be above", () => ({ exp: -inSeconds(600) }), "proof-expired"],
    ["65 s ago", () => ({ exp: inSeconds(-65) }), "proof-expired"],
    ["65 s ago, and a fraction", () => ({ exp: inSeconds(-65) + 0.999 }), "proof-expired"],
    ["yesterday", () => ({ iat: inSeconds(-25 * HOUR), exp: inSeconds(-24 * HOUR) }), "proof-expired"],
    ["75 s over an hour ahead", () => ({ exp: inSeconds(HOUR + 75) }), "proof-lifetime"],
    ["two hours ahead", () => ({ exp: inSeconds(2 * HOUR) }), "proof-lifetime"],
    [
      "two hours ahead, made in the last hour of them",
      () => ({ iat: inSeconds(55), exp: inSeconds(2 * HOUR) }),
      "proof-lifetime",
    ],
    ["in milliseconds", () => ({ exp: inSeconds(600) * 1000 }), "proof-lifetime"],
    ["in the year 9999", () => ({ exp: YEAR_9999 }), "proof-lifetime"],
    ["at the end of 32 bits", () => ({ exp: 2 ** 31 - 1 }), "proof-lifetime"],
    ["past the end of 32 bits", () => ({ exp: 2 ** 32 + inSeconds(600) }), "proof-lifetime"],
    ["at the end of JavaScript's dates", () => ({ exp: 8.64e15 }), "proof-lifetime"],
    ["the largest number", () => ({ exp: Number.MAX_VALUE }), "proof-lifetime"],
  ])("%s: the proof is refused", async (_, changes, slug) => {
    await expectRefused(untouched.proofFor("jane", changes()), slug);
  });

  test.each([
    ["1e999", "proof-lifetime"],
    ["-1e999", "proof-expired"],
    ["1e-999", "proof-expired"],
    ["Infinity", "proof-malformed"],
    ["NaN", "proof-malformed"],
  ])("%s, as JSON text: the proof is refused", async (text, slug) => {
    await expectRefused(signJwt(withText({ exp: text }), untouched.secret), slug);
  });

  test("twice: the last counts, as everywhere", async () => {
    const [good, far] = [String(inSeconds(600)), String(YEAR_9999)];
    await expectRefused(
      signJwt(withText({ exp: `${good},"exp":${far}` }), untouched.secret),
      "proof-lifetime",
    );
  });

  test("of an object's prototype is none", async () => {
    const proto = `{"exp":${inSeconds(600)}}`;
    const text = withText({}).replace(/"exp":\d+/, `"__proto__":${proto}`);
    expect(text).toContain('"__proto__":{"exp"');
    await expectRefused(signJwt(text, untouched.secret), "proof-lifetime");
  });
});

describe.each(["iat", "nbf"])("%s", (name) => {
  test.each<[string, () => unknown]>([
    ["75 s ahead", () => inSeconds(75)],
    ["75 s ahead, and a fraction", () => inSeconds(75) + 0.5],
    ["in ten minutes", () => inSeconds(590)],
    ["next year", () => inSeconds(365 * 24 * HOUR)],
    ["in the year 9999", () => YEAR_9999],
    ["in milliseconds", () => inSeconds(0) * 1000],
    ["the largest number", () => Number.MAX_VALUE],
    ["a string", () => String(inSeconds(0))],
    ["a date as text", () => new Date().toISOString()],
    ["null", () => null],
    ["true", () => true],
    ["a list", () => [inSeconds(0)]],
    ["an object", () => ({})],
  ])("%s: the proof is refused", async (_, value) => {
    await expectRefused(untouched.proofFor("jane", { [name]: value() }), "proof-lifetime");
  });

  test("beyond all numbers: the proof is refused", async () => {
    await expectRefused(signJwt(withText({ [name]: "1e999" }), untouched.secret), "proof-lifetime");
  });
});

describe("two clocks that differ by less than 60 s", () => {
  test.each<[string, () => Json]>([
    ["exp 45 s ago", () => ({ exp: inSeconds(-45) })],
    ["iat 58 s ahead", () => ({ iat: inSeconds(58) })],
    ["nbf 58 s ahead", () => ({ nbf: inSeconds(58) })],
    ["exp 58 s over an hour ahead", () => ({ exp: inSeconds(HOUR + 58) })],
    [
      "all of the site's clock 58 s ahead",
      () => ({ iat: inSeconds(58), nbf: inSeconds(58), exp: inSeconds(658) }),
    ],
    [
      "all of the site's clock 45 s behind",
      () => ({ iat: inSeconds(-645), nbf: inSeconds(-645), exp: inSeconds(-45) }),
    ],
    ["fractions of seconds", () => ({ iat: Date.now() / 1000, exp: Date.now() / 1000 + 600.25 })],
    ["no iat and no nbf", () => ({ iat: undefined, nbf: undefined })],
  ])("let the proof in: %s", async (_, changes) => {
    const answer = await world.page.identify({ id: "jane" }, world.proofFor("jane", changes()));
    expect(answer.identity().user).toEqual({ id: "jane", verified: true });
  });
});

test("a proof that has served is refused once its time is over: nothing remembers it as good", async () => {
  const proof = world.proofFor("late", { exp: inSeconds(-48) });
  expect((await world.page.identify({ id: "late" }, proof)).status).toBe(200);
  const refused = await eventually(
    "the proof is refused",
    async () => {
      const answer = await world.page.identify({ id: "late" }, proof);
      return answer.status === 401 && answer.problem().slug;
    },
    { everyMs: 500 },
  );
  expect(refused).toBe("proof-expired");
});

test("a later proof does not lend its time to an earlier one of the same user", async () => {
  expect((await untouched.page.identify({ id: "jane" }, untouched.proofFor("jane"))).status).toBe(200);
  const expired = untouched.proofFor("jane", { exp: inSeconds(-65) });
  expect((await untouched.page.identify({ id: "jane" }, expired)).problem().slug).toBe("proof-expired");
});
