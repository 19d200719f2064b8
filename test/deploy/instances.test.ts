import { Agent } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type ExchangeProcess, startExchange } from "../support/exchange-process.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { signProof } from "../support/proofs.ts";
import { startVambe } from "../support/vambe.ts";
import { freshSettings, ORIGIN } from "../support/world.ts";
import { deployFile, settingsNamedIn } from "./docs-file.ts";
import { reasonToSkipProxy, startProxy } from "./proxy.ts";

/** Three exchanges on one PostgreSQL, behind the configurations of docs/deploy/ that are for several. */

/** Pages that ask one after the other, over connections that stay open. */
const PAGES = 4;

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres?.[Symbol.asyncDispose]());

describe.each(["nginx-prefix.conf", "Caddyfile.instances"])("%s", (file) => {
  const skipped = reasonToSkipProxy(file);

  test.skipIf(skipped)(
    skipped
      ? `(skipped: ${skipped})`
      : "one instance after the other is restarted while pages ask, and no request fails",
    { timeout: 240_000 },
    async () => {
      const settings = settingsNamedIn(deployFile(file));
      const { hostname: host, pathname } = new URL(settings.VAMBE_PUBLIC_URL ?? "");
      const path = pathname.replace(/\/$/, "");
      const { apiKey, secret, environment } = freshSettings();
      await using vambe = await startVambe({ apiKey });
      const environmentOfEach = {
        ...environment,
        ...settings,
        VAMBE_API_URL: vambe.url,
        VAMBE_DATABASE_URL: await postgres.newDatabase(),
      };
      await using instances = new AsyncDisposableStack();
      const started: ExchangeProcess[] = [];
      for (let n = 0; n < 3; n++) started.push(instances.use(await startExchange(environmentOfEach)));
      const exchanges = started.map(({ port }) => port);
      await using proxy = await startProxy(file, { host, exchanges });

      const agent = new Agent({ keepAlive: true });
      const answers = new Map<number, number>();
      let isOver = false;
      const page = async (name: string) => {
        for (let visit = 0; !isOver; visit++) {
          const id = `${name}-${visit % 20}`;
          const { status } = await proxy.ask(`${path}/identify`, {
            method: "POST",
            agent,
            headers: { origin: ORIGIN, "content-type": "application/json" },
            body: JSON.stringify({ user: { id }, proof: signProof(secret, id) }),
          });
          answers.set(status, (answers.get(status) ?? 0) + 1);
        }
      };
      const served = ({ output }: ExchangeProcess) => output().split('"event":"identified"').length;
      /** The proxy has seen each of them. */
      const allServe = async () => {
        const before = started.map(served);
        await eventually("each serves", () => started.every((one, n) => served(one) > (before[n] ?? 0) + 5), {
          withinMs: 60_000,
        });
      };

      const pages = Array.from({ length: PAGES }, (_, number) => page(`user-${number}`));
      try {
        for (const instance of started.slice(0, 2)) {
          await allServe();
          expect(await instance.stop("SIGTERM")).toMatchObject({ code: 0, signal: null });
          await instance.restart();
        }
        await allServe();
      } finally {
        isOver = true;
        await Promise.allSettled(pages);
        agent.destroy();
      }
      await Promise.all(pages);
      expect([...answers.keys()]).toEqual([200]);
    },
  );
});
