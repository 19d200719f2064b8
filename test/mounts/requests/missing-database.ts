import { connect, createServer, type Server, type Socket } from "node:net";
import { expect, inject, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { type MountedWorld, PREFIX } from "../harness/world.ts";
import { slugIn } from "./answers.ts";

/** The app is started anew: these come last. */
export function missingDatabase(world: () => MountedWorld): void {
  test("while nobody answers at the database, the app lives; once it is there, identifies hold", async () => {
    await world().app().stop();
    const url = new URL(inject("mounts").postgres);
    const port = await freePort();
    const behind = Number(url.port);
    url.port = `${port}`;
    url.searchParams.set("schema", `missing_${port}`);
    const app = await world().start({ VAMBE_DATABASE_URL: url.href });
    expect((await world().ask("/")).text).toContain("The shop");
    for (let i = 0; i < 2; i++) {
      const refused = await world().identify("early");
      expect(refused.status).toBe(503);
      expect(slugIn(refused)).not.toMatch(/^no problem/);
    }
    const readyz = await world().ask(`${PREFIX}/readyz`);
    expect([readyz.status, readyz.headers["content-type"]]).toEqual([503, expect.stringContaining("json")]);
    expect((await world().ask("/")).status).toBe(200);
    expect(app.isRunning()).toBe(true);
    await expect.poll(() => app.output()).toMatch(/ECONNREFUSED/);
    expect(app.output()).not.toContain(url.password);

    await using _ = await databaseOn(port, behind);
    await eventually("identifies hold", async () => (await world().identify("late")).status === 200);
    await eventually("Vambe has the contact", () => "late" in world().contacts());
    expect(app.isRunning()).toBe(true);
    const { code, signal } = await app.stop();
    expect([code, signal]).toEqual([world().mount.exitCode ?? 0, null]);
  });

  test("an app whose database was never there ends by itself too", async () => {
    const url = new URL(inject("mounts").postgres);
    url.port = `${await freePort()}`;
    const app = await world().start({ VAMBE_DATABASE_URL: url.href });
    expect((await world().identify("never")).status).toBe(503);
    const { code, signal, output } = await app.stop();
    expect([code, signal], output).toEqual([world().mount.exitCode ?? 0, null]);
  });
}

/** From now on the database answers at this port too. */
async function databaseOn(port: number, behind: number): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(behind, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
