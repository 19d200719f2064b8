import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type ExchangeProcess, startExchange } from "../support/exchange-process.ts";
import { startNginx } from "../support/nginx.ts";
import { reasonToSkip } from "../support/programs.ts";
import { signProof } from "../support/proofs.ts";
import { rawRequest } from "../support/raw-request.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { freshSettings, ORIGIN } from "../support/world.ts";

/** How often the proxy asks each instance whether it is ready, in milliseconds. */
const POLL_MS = 200;
/** Pages that ask one after the other, over connections that stay open. */
const PAGES = 8;

/** A load balancer in small: each request goes once, to the next instance that is ready, over connections that are kept. */
async function startBalancer(instances: readonly ExchangeProcess[]) {
  const agent = new Agent({ keepAlive: true });
  const isIn = new Set(instances);
  let next = 0;
  const poll = setInterval(() => {
    for (const instance of instances)
      rawRequest(`${instance.url}/readyz`).then(
        ({ status }) => (status === 200 ? isIn.add(instance) : isIn.delete(instance)),
        () => isIn.delete(instance),
      );
  }, POLL_MS);
  const server = createServer((incoming, outgoing) => {
    const fail = (status: number) => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(status).end();
    };
    const [...choices] = isIn;
    const instance = choices[next++ % choices.length];
    if (!instance) return fail(503);
    const { method, url, headers } = incoming;
    const onward = request(instance.url + url, { method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { "content-type": "application/json" });
      answer.pipe(outgoing);
      answer.on("error", () => fail(502));
    });
    onward.on("error", () => fail(502));
    incoming.pipe(onward);
  }).listen(0, "127.0.0.1");
  await eventually("the proxy listens", () => server.listening);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      clearInterval(poll);
      agent.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

const withoutNginx = reasonToSkip("nginx", "-v");
const PROXIES = [
  ["a balancer that asks /readyz", undefined, startBalancer],
  [
    withoutNginx ? `nginx (skipped: ${withoutNginx})` : "nginx",
    withoutNginx,
    (instances: readonly ExchangeProcess[]) => startNginx(instances.map(({ port }) => port)),
  ],
] as const;

describe.each(PROXIES)("behind %s", (_, skipped, startProxy) => {
  test.skipIf(skipped)(
    "one instance after the other is restarted under load, and no request fails",
    { timeout: 120_000 },
    () => restartInTurns(startProxy),
  );
});

async function restartInTurns(
  startProxy: (instances: readonly ExchangeProcess[]) => Promise<AsyncDisposable & { url: string }>,
): Promise<void> {
  const { environment, secret } = freshSettings();
  const settings = { ...environment, VAMBE_PUBLIC_URL: "https://id.example.com" };
  using folder = temporaryFolder();
  await using one = await startExchange({ ...settings, VAMBE_DATABASE_URL: `file:${folder.file("1.db")}` });
  await using two = await startExchange({ ...settings, VAMBE_DATABASE_URL: `file:${folder.file("2.db")}` });
  await using proxy = await startProxy([one, two]);
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
