import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { InstalledApp } from "../../harness/installed-app.ts";
import { type MountedWorld, PREFIX } from "../../harness/world.ts";

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
