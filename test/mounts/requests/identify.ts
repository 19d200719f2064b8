import { createRemoteJWKSet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { ORIGIN } from "../../support/world.ts";
import { COOKIES } from "../harness/site.ts";
import { type MountedWorld, PREFIX } from "../harness/world.ts";
import { slugIn } from "./answers.ts";

const JWT = "urn:ietf:params:oauth:token-type:jwt";
const GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";

/** Who is signed in: what a page of the site asks. */
export function identifies(world: () => MountedWorld): void {
  test("an identify is answered, and the contact is at Vambe", async () => {
    const answer = await world().identify("ana-1", { name: "Ana Rivera" });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"status":"delivered"')]);
    expect(answer.headers["access-control-allow-origin"]).toBe(ORIGIN);
    expect(world().contacts()).toMatchObject({ "ana-1": "Ana Rivera" });
  });

  test("the token that comes back holds by the keys that are published", async () => {
    const { token } = JSON.parse((await world().identify("ana-keys")).text);
    const keys = createRemoteJWKSet(new URL(`${world().url}${PREFIX}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(token, keys, { issuer: world().url + PREFIX, audience: ORIGIN });
    expect(payload.sub).toBe("ana-keys");
  });

  test("an identify as a form or as plain text is refused, and reaches nobody", async () => {
    for (const type of ["application/x-www-form-urlencoded", "text/plain"]) {
      const answer = await world().identify("form", {}, { headers: { "content-type": type } });
      expect([type, answer.status, slugIn(answer)]).toEqual([type, 415, "not-json"]);
    }
    expect(world().contacts()).not.toHaveProperty("form");
  });

  test("a proof that does not hold is refused", async () => {
    const body = JSON.stringify({ user: { id: "bruno-2" }, proof: world().proofFor("ana-1") });
    const answer = await world().identify("bruno-2", {}, { body });
    expect([answer.status, slugIn(answer)]).toEqual([401, "proof-other-user"]);
  });

  test("the same exchange as OAuth has it, in a form", async () => {
    const fields = { grant_type: GRANT, subject_token: world().proofFor("oauth"), subject_token_type: JWT };
    const form = new URLSearchParams({ ...fields, audience: ORIGIN });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await world().ask(`${PREFIX}/token`, { method: "POST", headers, body: `${form}` });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"access_token":"ey')]);
    expect(world().contacts()).toHaveProperty("oauth");
  });

  test("the browser's preflight is allowed to the site's pages, and to no others", async () => {
    const preflight = (origin: string) =>
      world().ask(`${PREFIX}/identify`, {
        method: "OPTIONS",
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type",
        },
      });
    const allowed = await preflight(ORIGIN);
    expect([allowed.status, allowed.text]).toEqual([204, ""]);
    expect(allowed.headers).toMatchObject({
      "access-control-allow-origin": ORIGIN,
      "access-control-allow-methods": expect.stringContaining("POST"),
      "access-control-allow-headers": expect.stringContaining("content-type"),
    });
    const other = await preflight("https://evil.example");
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test("the visitor's cookies tell who it is, and each cookie of the site comes back by itself", async () => {
    const headers = { origin: world().url, cookie: "sid=ana" };
    const body = JSON.stringify({ user: { id: "ana-session" } });
    const answer = await world().identify("ana-session", {}, { headers, body });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"verified":true')]);
    expect(answer.cookies).toEqual(COOKIES);
    expect(world().contacts()).toMatchObject({ "ana-session": "Ana Rivera" });
  });
}
