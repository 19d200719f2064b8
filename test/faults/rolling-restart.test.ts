import { Agent, request } from "node:http";
import { describe, expect, test } from "vitest";
import { startBalancer } from "../support/balancer.ts";
import { eventually } from "../support/eventually.ts";
import { type ExchangeProcess, startExchange } from "../support/exchange-process.ts";
import { startNginx } from "../support/nginx.ts";
import { reasonToSkip } from "../support/programs.ts";
import { signProof } from "../support/proofs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { freshSettings, ORIGIN } from "../support/world.ts";

/** Pages that ask one after the other, over connections that stay open. */
const PAGES = 8;

const withoutNginx = reasonToSkip("nginx", "-v");
const PROXIES = [
  ["a balancer that asks /readyz", undefined, startBalancer],
  [withoutNginx ? `nginx (skipped: ${withoutNginx})` : "nginx", withoutNginx, startNginx],
] as const;

describe.each(PROXIES)("behind %s", (_, skipped, startProxy) => {
  test.skipIf(skipped)(
    "one instance after the other is restarted under load, and no request fails",
    { timeout: 120_000 },
    () => restartInTurns(startProxy),
  );
});

async function restartInTurns(
  startProxy: (ports: readonly number[]) => Promise<AsyncDisposable & { url: string }>,
): Promise<void> {
  const { environment, secret } = freshSettings();
  const settings = { ...environment, VAMBE_PUBLIC_URL: "https://id.example.com" };
  using folder = temporaryFolder();
  await using one = await startExchange({ ...settings, VAMBE_DATABASE_URL: `file:${folder.file("1.db")}` });
  await using two = await startExchange({ ...settings, VAMBE_DATABASE_URL: `file:${folder.file("2.db")}` });
  await using proxy = await startProxy([one.port, two.port]);
  const agent = new Agent({ keepAlive: true });
  const statuses = new Map<number, number>();
  let isOver = false;

  const identify = (id: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = { origin: ORIGIN, "content-type": "application/json" };
      const asked = request(`${proxy.url}/identify`, { method: "POST", agent, headers }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
      });
      asked.on("error", reject);
      asked.end(JSON.stringify({ user: { id }, proof: signProof(secret, id) }));
    });
  const page = async (name: string) => {
    for (let visit = 0; !isOver; visit++) {
      const status = await identify(`${name}-${visit % 20}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const served = ({ output }: ExchangeProcess) => output().split('"event":"identified"').length;
  /** Both have been seen by the proxy. nginx leaves one alone for a while that it has once found gone. */
  const bothServe = async () => {
    const [first, second] = [served(one), served(two)];
    await eventually("both serve", () => served(one) > first + 20 && served(two) > second + 20);
  };

  const pages = Array.from({ length: PAGES }, (_, number) => page(`user-${number}`));
  for (const instance of [one, two, one]) {
    await bothServe();
    expect(await instance.stop("SIGTERM")).toMatchObject({ code: 0, signal: null });
    await instance.restart();
  }
  await bothServe();
  isOver = true;
  await Promise.all(pages);
  agent.destroy();
  expect([...statuses.keys()]).toEqual([200]);
}
