import { createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { rawRequest } from "../support/raw-request.ts";
import { openSite, type SiteOptions } from "./site.ts";
import { ORIGIN } from "./visitors.ts";

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

const newSecret = () => randomBytes(32).toString("hex");
/** What the document shows of one instance with SQLite. */
const ON_POSTGRES = { '"database":"SQLite"': '"database":"PostgreSQL"' };

/** Two instances on one database: one stands in for the other, and no page notices anything. */
async function openSiteOfTwo({ settings, ...options }: SiteOptions = {}) {
  const url = await postgres.newDatabase();
  return openSite({ instances: 2, settings: { VAMBE_DATABASE_URL: url, ...settings }, ...options });
}

const NOBODY_NOTICED = { unanswered: 0 };

describe("on two instances", () => {
  test("The API key", async () => {
    await using site = await openSiteOfTwo();
    const key = newSecret();
    await site.visited();
    await site.perform("The API key", {
      values: { ...ON_POSTGRES, "old-api-key": site.apiKey, "new-api-key": key },
      elsewhere: {
        "Make a new one at Vambe": () => site.vambe.standIn.setApiKey(key, site.apiKey),
        "Take the old one back": () => site.vambe.standIn.setApiKey(key),
      },
    });
    await site.visited();
    expect(await site.nobodyIsLost()).toEqual(NOBODY_NOTICED);
  }, 600_000);

  test("The secret that your backend shares", async () => {
    await using site = await openSiteOfTwo();
    const secret = newSecret();
    const old = site.backend.secret;
    /** How often each place has verified a proof. */
    const uses = async () => {
      const said = await site.first.type("npx vambe-identity keys list");
      return [1, 2].map((place) => Number(RegExp(`^\\S+ +${place} +- +(\\d+)`, "m").exec(said)?.[1]));
    };
    await site.visited();
    await site.perform("The secret that your backend shares", {
      values: { ...ON_POSTGRES, "old-secret": old, "new-secret": secret },
      elsewhere: {
        "Give the new one to your backend": async () => {
          site.backend.secret = secret;
          await eventually("the new one is counted", async () => ((await uses())[0] ?? 0) > 0, {
            withinMs: 120_000,
            everyMs: 500,
          });
        },
        "Look until": async () => {
          let before: number[] = [];
          await eventually(
            "the old one's number stands still while the new one's grows",
            async () => {
              const [[one = 0, two] = [], [oneNow = 0, twoNow] = []] = [before, (before = await uses())];
              return oneNow > one && two === twoNow;
            },
            { withinMs: 120_000, everyMs: 500 },
          );
        },
      },
    });
    await site.visited();
    expect(await site.nobodyIsLost()).toEqual(NOBODY_NOTICED);
  }, 600_000);

  test("The secret of `user_hash`", async () => {
    let [current, next] = [newSecret(), newSecret()];
    const old = current;
    await using site = await openSiteOfTwo({
      settings: { VAMBE_USER_HASH_SECRET: old, VAMBE_UNPROVEN_TRAITS: "apply" },
      evidenceFor: (id) => ({ user_hash: createHmac("sha256", current).update(id).digest("hex") }),
    });
    await site.visited();
    await site.perform("The secret of `user_hash`", {
      values: { ...ON_POSTGRES, "old-secret": old, "new-secret": next },
      elsewhere: {
        "Give the new one to your backend": () => {
          current = next;
        },
      },
    });
    await site.visited();
    expect(await site.nobodyIsLost()).toEqual(NOBODY_NOTICED);
  }, 600_000);

  test("The secret of the webchat", async () => {
    const [old, next] = [newSecret(), newSecret()];
    let webchatToken: string | undefined;
    await using site = await openSiteOfTwo({
      settings: { VAMBE_WEBCHAT_SECRET: old },
      webchatSecret: old,
      answered: (answer) => {
        webchatToken = answer.webchatToken;
      },
    });
    const chatOpens = async () => {
      const body = { clientId: "shop", channelId: site.channelId, externalUserId: webchatToken };
      const { status, text } = await rawRequest(`${site.vambe.url}/webchat/sessions`, {
        method: "POST",
        headers: { origin: ORIGIN, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return [status, text.includes("visitor-") || status];
    };
    await site.visited();
    expect((await chatOpens())[0]).toBe(201);
    await site.perform("The secret of the webchat", {
      values: { ...ON_POSTGRES, "old-secret": old, "new-secret": next },
      elsewhere: {
        "Put the new one into Vambe's dialog": async () => {
          expect((await chatOpens())[0]).toBe(201);
          site.vambe.standIn.setWebchatSecret(next);
          expect((await chatOpens())[0]).toBe(401);
        },
      },
    });
    await site.visited();
    expect((await chatOpens())[0]).toBe(201);
    expect(await site.nobodyIsLost()).toEqual(NOBODY_NOTICED);
  }, 600_000);

  test("The signing key", async () => {
    await using site = await openSiteOfTwo();
    const kids = new Set<string>();
    const published = async () =>
      JSON.parse((await rawRequest(`${site.url}/.well-known/jwks.json`)).text).keys.map(
        ({ kid }: { kid: string }) => kid,
      );
    for (const kid of await published()) kids.add(kid);
    await site.visited();
    await site.perform("The signing key");
    await eventually("all publish both", async () => (await published()).length === 2, { withinMs: 120_000 });
    await site.visited();
    expect(await site.nobodyIsLost()).toEqual(NOBODY_NOTICED);
    expect(kids.size).toBe(1);
  }, 600_000);
});

test("A signing key of your own", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await using site = await openSite({
    settings: { VAMBE_SIGNING_KEY_FILE: "/var/lib/vambe-identity/signing-key.json" },
    files: { "signing-key.json": JSON.stringify(privateKey.export({ format: "jwk" })) },
    newKeys: true,
  });
  await site.visited();
  await site.perform("A signing key of your own");
  await site.visited();
  await site.nobodyIsLost();
}, 600_000);
