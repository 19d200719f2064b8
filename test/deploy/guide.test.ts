import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packPackage } from "../packages/packed.ts";
import { freePort } from "../support/free-port.ts";
import { PASSWORD, type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { reasonToSkip } from "../support/programs.ts";
import { type RunningVambe, startVambe } from "../support/vambe.ts";
import { freshSettings } from "../support/world.ts";
import { commandsIn, shownIn } from "./guide.ts";
import { reasonToSkipProxy, startProxy } from "./proxy.ts";
import { reasonToSkipRoots } from "./root-folder.ts";
import { leadTo, newServer, type Server } from "./server.ts";

/** What docs/deploy.md has its reader do, command by command and in its order, on a server with nothing on it. */

const withoutRoots =
  reasonToSkipRoots() ?? reasonToSkip("curl", "--version") ?? reasonToSkip("openssl", "version");
const title = (what: string, skipped: string | undefined) =>
  skipped ? `${what} (skipped: ${skipped})` : what;

describe.skipIf(withoutRoots)(title("the steps", withoutRoots), () => {
  let packed: ReturnType<typeof packPackage>;
  const { apiKey, environment } = freshSettings();
  beforeAll(async () => {
    packed = packPackage();
  }, 300_000);
  afterAll(() => packed?.[Symbol.dispose]());

  const settings = (vambe: RunningVambe, port: number) => ({
    VAMBE_CHANNEL_ID: environment.VAMBE_CHANNEL_ID,
    // Neither the real Vambe nor a port that another test may have.
    VAMBE_API_URL: vambe.url,
    PORT: `${port}`,
  });

  /** Steps 2 to 4. */
  async function setUp(server: Server): Promise<void> {
    const [install = ""] = commandsIn("2. Install it");
    expect((await server.type(install)).trim().replace(/\d+m?s$/m, "3s")).toBe(shownIn("2. Install it")[0]);
    for (const script of commandsIn("3. Settings and secrets")) await server.type(script);
    const [start = ""] = commandsIn("4. Start it");
    expect(await server.type(start)).toContain("Created symlink");
  }

  /** Step 6, whose answers have to be what the reader is told that he sees. */
  async function look(
    server: Server,
    vambe: RunningVambe,
    publicUrl: string,
    env: Record<string, string> = {},
  ): Promise<void> {
    const [ready, identify, outbox] = commandsIn("6. Look").map((script) =>
      script.replaceAll("https://id.example.com", publicUrl),
    );
    const [, readyShown = ""] = shownIn("4. Start it");
    const [identifiedShown = "", outboxShown] = shownIn("6. Look");
    expect(JSON.parse(await server.type(ready ?? ""))).toEqual(JSON.parse(readyShown));
    const answer = JSON.parse(await server.type(identify ?? "", env));
    const shown = JSON.parse(identifiedShown);
    expect(Object.keys(answer)).toEqual(Object.keys(shown));
    for (const same of ["status", "user", "applied", "ignored"]) expect(answer[same]).toEqual(shown[same]);
    expect((await server.type(outbox ?? "", env)).trim()).toBe(outboxShown);
    const { contacts } = vambe.standIn;
    expect(contacts().map(({ external_user_id, contact }) => [external_user_id, contact.name])).toEqual([
      ["test-1", "Ana Rivera"],
    ]);
  }

  /** The next version, which is this one under its name. */
  async function update(server: Server): Promise<void> {
    const folder = server.root.file("/opt/vambe-identity");
    const next = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    copyFileSync(join(folder, next), join(folder, "vambe-identity-0.2.0.tgz"));
    const [script = ""] = commandsIn("Updates");
    await server.type(script);
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    expect(dependencies).toEqual({ "vambe-identity": "file:vambe-identity-0.2.0.tgz" });
    expect(readdirSync(server.root.file("/var/lib/vambe-identity"))).toContain("before-0.2.0.db");
    expect(await server.type("vambe-identity --version")).toMatch(/^\d/);
  }

  const withoutCaddy = reasonToSkipProxy("Caddyfile");
  test.skipIf(withoutCaddy)(
    title("with a file as the database, behind Caddy on a host of its own", withoutCaddy),
    { timeout: 180_000 },
    async () => {
      await using vambe = await startVambe({ apiKey });
      const port = await freePort();
      await using server = newServer(packed.tarball, { apiKey, settings: settings(vambe, port) });
      await setUp(server);
      const service = await server.startService(port);
      const [, lookAtIt = ""] = commandsIn("4. Start it");
      const [listeningShown = "", readyShown = ""] = shownIn("4. Start it");
      expect(await server.type(lookAtIt.replace("127.0.0.1:8787", `127.0.0.1:${port}`))).toContain(
        readyShown,
      );
      const listening =
        service
          .output()
          .split("\n")
          .find((line) => line.includes('"listening"')) ?? "";
      const withoutPlace = (line: string) => ({ ...JSON.parse(line), time: "", address: "" });
      expect(withoutPlace(listening)).toEqual(withoutPlace(listeningShown));

      await using proxy = await startProxy("Caddyfile", { host: "id.example.com", exchanges: [port] });
      leadTo(server.root, "id.example.com", proxy);
      await look(server, vambe, "https://id.example.com");
      await update(server);
      service.signal("SIGTERM");
      expect(await service.ended).toMatchObject({ code: 0, signal: null });
      // As it should be, it is warned of nothing.
      expect(service.output()).not.toMatch(/"level":"(warn|error)"/);
    },
  );

  const withoutNginx = reasonToSkipProxy("nginx-prefix.conf") ?? reasonToSkip("psql", "--version");
  describe.skipIf(withoutNginx)(title("with PostgreSQL", withoutNginx), () => {
    let postgres: RunningPostgres;
    beforeAll(async () => {
      postgres = await startPostgres();
    }, 120_000);
    afterAll(() => postgres?.[Symbol.asyncDispose]());

    test("behind nginx at a path of the site", { timeout: 180_000 }, async () => {
      await using vambe = await startVambe({ apiKey });
      const port = await freePort();
      const typed = {
        ...settings(vambe, port),
        VAMBE_PUBLIC_URL: "https://www.example.com/identity",
        VAMBE_DATABASE_URL: undefined,
        VAMBE_DATABASE_URL_FILE: "/etc/vambe-identity/database-url",
      };
      await using server = newServer(packed.tarball, { apiKey, settings: typed });
      await setUp(server);
      const [makeDatabase = ""] = commandsIn("Several instances");
      // Where this PostgreSQL is: the reader's is where psql and the exchange look for it.
      const env = { PGPORT: `${postgres.port}` };
      const asAdministrator = {
        ...env,
        PGHOST: "127.0.0.1",
        PGUSER: "tester",
        PGPASSWORD: PASSWORD,
        PGDATABASE: "postgres",
      };
      await server.type(makeDatabase, asAdministrator);
      const service = await server.startService(port, env);
      expect(service.output()).toContain('"database":"PostgreSQL"');

      await using proxy = await startProxy("nginx-prefix.conf", {
        host: "www.example.com",
        exchanges: [port],
      });
      leadTo(server.root, "www.example.com", proxy);
      await look(server, vambe, "https://www.example.com/identity", env);
      service.signal("SIGTERM");
      expect(await service.ended).toMatchObject({ code: 0, signal: null });
      expect(service.output()).not.toMatch(/"level":"(warn|error)"/);
    });
  });

  test("where the settings are left as they are, the start says what is missing, as the reader is told", {
    timeout: 120_000,
  }, async () => {
    await using server = newServer(packed.tarball, { apiKey: "", settings: {} });
    await setUp(server);
    const said = await server.type("vambe-identity serve").catch(String);
    const [, , missingShown = ""] = shownIn("4. Start it");
    expect(said).toContain(missingShown);
  });
});
