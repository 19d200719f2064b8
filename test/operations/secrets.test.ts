import { createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { decodeProtectedHeader } from "jose";
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
      const said = await site.first.type("vambe-identity keys list");
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
              const now = await uses();
              const [one = 0, two] = before;
              before = now;
              return (now[0] ?? 0) > one && now[1] === two;
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
    const signing = new Set<string | undefined>();
    await using site = await openSiteOfTwo({
      answered: ({ token }) => void signing.add(decodeProtectedHeader(token).kid),
    });
    await site.visited();
    const before = [...signing];
    await site.perform("The signing key");
    await eventually("the new one signs", () => signing.size > 1, { withinMs: 120_000 });
    // Tokens of the one before come for a while yet, from the other instance.
    await eventually(
      "it alone signs",
      async () => {
        signing.clear();
        await site.visited();
        return !before.some((kid) => signing.has(kid));
      },
      { withinMs: 120_000 },
    );
    expect(await site.nobodyIsLost()).toEqual(NOBODY_NOTICED);
    expect(before).toHaveLength(1);
  }, 600_000);
});

test("A signing key of your own", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  await using site = await openSite({
    settings: { VAMBE_SIGNING_KEY_FILE: "/etc/vambe-identity/signing-key" },
    secrets: { "signing-key": JSON.stringify(privateKey.export({ format: "jwk" })) },
    newKeys: true,
  });
  await site.visited();
  await site.perform("A signing key of your own");
  await site.visited();
  await site.nobodyIsLost();
}, 600_000);
