import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { InstalledApp } from "../../harness/installed-app.ts";
import { type MountedWorld, PREFIX } from "../../harness/world.ts";

/** The script tag as Next.js sends it: `next/script` loads what is pushed here before it hydrates the page. */
export function scriptTag(world: () => MountedWorld): void {
  test("the page has the tag, with all that it was told, and the line that keeps calls before it", async () => {
    const { text } = await world().ask("/script");
    const [, pushed = ""] = /__next_s=self\.__next_s\|\|\[\]\)\.push\((.*?)\)<\/script>/.exec(text) ?? [];
    expect(JSON.parse(pushed)).toEqual([
      "/identity/vambe-identity.js",
      {
        "data-server": "/identity",
        "data-badge": "bottom-left",
        "data-lang": "pt",
        "data-theme": "dark",
        "data-words": '{"known":"Olá"}',
        "data-signout": "",
        "data-credentials": "include",
        "data-webchat": "",
        "data-webchat-client": "client-1",
        "data-webchat-wait": "900",
        "data-webchat-unverified": "",
        "data-consent": "required",
        "data-debug": "top-left",
        nonce: "abc123",
        integrity: "sha384-xyz",
        crossOrigin: "anonymous",
      },
    ]);
    const kept = /<script nonce="abc123">typeof VambeIdentify .*?VambeIdentify\("consent", yes\)/s.exec(text);
    expect(kept?.index).toBeLessThan(text.indexOf(pushed));
    // A script without the nonce would not run under the page's policy.
    expect(text).not.toContain("<script>typeof VambeIdentify");
  });
}

/** Next.js takes its `basePath` off what it hands to a route; a slash at the end is what its `trailingSlash` wants. */
export function belowBasePath(world: () => MountedWorld): void {
  test("an app below a path of its own has the exchange below it", async () => {
    const at = `/store${PREFIX}`;
    await world().app().stop();
    await world().start({ VAMBE_PUBLIC_URL: world().url + at });
    const headers = { origin: world().url, "content-type": "application/json" };
    const body = JSON.stringify({
      user: { id: "below" },
      proof: world().proofFor("below", { name: "Ana Rivera" }),
    });
    const answer = await world().ask(`${at}/identify/`, { method: "POST", headers, body });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"status":"delivered"')]);
    expect(world().contacts()).toMatchObject({ below: "Ana Rivera" });
    for (const path of ["vambe-identity.js", ".well-known/jwks.json", "readyz/", "problems/proof-missing/"])
      expect([path, (await world().ask(`${at}/${path}`)).status]).toEqual([path, 200]);
    const { status, headers: redirect } = await world().ask(`${at}/identify`, {
      method: "POST",
      headers,
      body,
    });
    expect([status, redirect.location]).toEqual([308, `${at}/identify/`]);
  });
}

/** What Next.js alone has: a build that runs the app's own modules, and a site that lives without the exchange. */
export function withoutSettings(world: () => MountedWorld, installed: () => InstalledApp): void {
  test("the build has opened no database", () => {
    const { path, home } = installed();
    const databases = [path, home].filter(existsSync).flatMap((folder) => readdirSync(folder));
    expect(databases.filter((name) => name.endsWith(".db"))).toEqual([]);
  });

  test("settings that are wrong cost the site no page, and the log names all of them, once", async () => {
    await world().app().stop();
    const app = await world().start({
      VAMBE_API_KEY: "",
      VAMBE_CHANNEL_ID: "not-a-uuid",
      VAMBE_DATABASE_URL: "mysql://x",
    });
    for (let i = 0; i < 3; i++) {
      const answer = await world().identify("nobody");
      expect([answer.status, answer.headers["content-type"]]).toEqual([500, "application/problem+json"]);
      expect(JSON.parse(answer.text)).toMatchObject({
        type: "about:blank",
        status: 500,
        title: "The exchange is not set up",
      });
    }
    expect((await world().ask(`${PREFIX}/readyz`)).status).toBe(500);
    expect((await world().ask("/")).text).toContain("The shop");
    for (const name of ["VAMBE_API_KEY", "VAMBE_CHANNEL_ID", "VAMBE_DATABASE_URL"])
      expect([name, app.output().split(`"setting":"${name}"`).length - 1]).toEqual([name, 1]);
    await app.stop();
    await world().start();
    expect((await world().identify("mended")).status).toBe(200);
  });
}
