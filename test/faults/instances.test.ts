import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type ExchangeProcess, startExchange } from "../support/exchange-process.ts";
import { type RunningPostgres, startPostgres } from "../support/postgres.ts";
import { signProof } from "../support/proofs.ts";
import { type RecordingVambe, startRecordingVambe } from "../support/recording-vambe.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { freshSettings, ORIGIN } from "../support/world.ts";

const USERS = 500;
/** Plans that each user has, one after the other, and page loads with each: 20,000 identifies. */
const PLANS = 10;
const LOADS = 4;
/** Users that are signed in at once. */
const CONCURRENCY = 40;
/** An instance that has failed is left alone for so long, and then tried with one load, in milliseconds. */
const AVOIDED_MS = 2000;
/** How long a load may take before it is tried elsewhere. */
const PATIENCE_MS = 15_000;

let postgres: RunningPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres[Symbol.asyncDispose]());

/** Pages in front of instances: each load goes to any of them that seems well, and to another where it is refused. */
function loadBalancer(instances: ExchangeProcess[], proofOf: (id: string, plan: string) => string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 60 });
  const avoidedUntil = new Map<ExchangeProcess, number>();
  const counts = { answered: 0, refused: 0, delivered: 0, unchanged: 0, queued: 0 };
  let next = 0;

  function choose(): ExchangeProcess {
    for (;;) {
      const instance = instances[next++ % instances.length];
      const until = instance && avoidedUntil.get(instance);
      if (!instance || (until !== undefined && until > Date.now())) continue;
      if (until !== undefined) avoidedUntil.set(instance, Date.now() + AVOIDED_MS);
      return instance;
    }
  }

  const post = (url: string, body: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const headers = {
        origin: ORIGIN,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      };
      const asked = request(`${url}/identify`, { method: "POST", agent, headers, timeout: PATIENCE_MS });
      asked.on("timeout", () => asked.destroy(new Error("no answer")));
      asked.on("error", reject);
      asked.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        response.on("error", reject);
      });
      asked.end(body);
    });

  async function load(id: string, plan: string): Promise<void> {
    const body = JSON.stringify({ user: { id, plan }, proof: proofOf(id, plan) });
    for (;;) {
      const instance = choose();
      const { status, text } = await post(instance.url, body).catch(() => ({ status: 0, text: "" }));
      if (status === 200) {
        avoidedUntil.delete(instance);
        counts.answered += 1;
        counts[JSON.parse(text).status as "delivered"] += 1;
        return;
      }
      if (status !== 0 && status !== 503) throw new Error(`${status} ${text}`);
      counts.refused += 1;
      avoidedUntil.set(instance, Date.now() + AVOIDED_MS);
      await sleep(20);
    }
  }
  return { load, counts, close: () => agent.destroy() };
}

/** What arrived beside one upsert for each change: changes that a newer one overtook, and upserts that came again. */
function tally({ arrivals }: RecordingVambe) {
  const last = new Map<string, number>();
  let again = 0;
  let overtaken = 0;
  const backwards: string[] = [];
  for (const { userId, plan } of arrivals) {
    const before = last.get(userId) ?? -1;
    const now = Number(plan?.replace("plan-", ""));
    if (now < before) backwards.push(`${userId}: ${before} then ${now}`);
    if (now === before) again += 1;
    if (now > before + 1) overtaken += now - before - 1;
    last.set(userId, now);
  }
  return { again, overtaken, backwards, last };
}

test("three instances on one PostgreSQL, one killed and one cut off in the middle: every newest plan is Vambe's last", async () => {
  await using vambe = await startRecordingVambe();
  await using proxy = await startTcpProxy(postgres.port);
  const database = await postgres.newDatabase();
  const behindProxy = Object.assign(new URL(database), { port: `${proxy.port}` }).href;
  const { secret, environment } = freshSettings();
  const settings = { ...environment, VAMBE_API_URL: vambe.url, VAMBE_PUBLIC_URL: "https://id.example.com" };
  // All at once, on an empty database.
  const [well, cutOff, killed] = await Promise.all([
    startExchange({ ...settings, VAMBE_DATABASE_URL: database }),
    startExchange({ ...settings, VAMBE_DATABASE_URL: behindProxy }),
    startExchange({ ...settings, VAMBE_DATABASE_URL: database }),
  ]);
  await using stack = new AsyncDisposableStack();
  for (const instance of [well, cutOff, killed]) stack.use(instance);

  const balancer = loadBalancer([well, cutOff, killed], (id, plan) => signProof(secret, id, { plan }));
  stack.defer(() => balancer.close());
  const started = performance.now();
  const total = USERS * PLANS * LOADS;
  const happened = { kill: 0, cut: 0, heal: 0 };
  const happens = async (share: number, what: keyof typeof happened, how: () => unknown) => {
    while (balancer.counts.answered < total * share) await sleep(10);
    happened[what] = balancer.counts.answered;
    await how();
  };
  const faults = Promise.all([
    happens(0.3, "kill", () => killed.kill()),
    happens(0.5, "cut", () => proxy.swallow()),
    happens(0.8, "heal", () => proxy.heal()),
  ]);

  const waiting = Array.from({ length: USERS }, (_, number) => `user-${number}`);
  const signIn = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      for (let plan = 0; plan < PLANS; plan++) {
        const user = id;
        // Two tabs at once, then page after page; the next plan comes when all of them have their answer.
        await Promise.all([balancer.load(user, `plan-${plan}`), balancer.load(user, `plan-${plan}`)]);
        for (let more = 2; more < LOADS; more++) await balancer.load(user, `plan-${plan}`);
      }
    }
  };
  await Promise.all([faults, ...Array.from({ length: CONCURRENCY }, signIn)]);
  const answeredAfter = performance.now() - started;

  await eventually(
    "nothing waits any more",
    async () => {
      const [left] = await postgres.run(
        database,
        "SELECT count(*)::int AS rows FROM vambe_identity.contact WHERE state <> 'idle'",
      );
      return left?.rows === 0;
    },
    { withinMs: 60_000, everyMs: 200 },
  );
  const settledAfter = performance.now() - started;

  const { again, overtaken, backwards, last } = tally(vambe);
  const { answered, refused, delivered, unchanged, queued } = balancer.counts;
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  console.log(
    [
      `${answered} identifies answered in ${seconds(answeredAfter)} s: ${delivered} delivered, ${unchanged} unchanged, ${queued} queued;`,
      `killed after ${happened.kill}, cut off after ${happened.cut}, back after ${happened.heal}: ${refused} refused and asked elsewhere.`,
      `${vambe.arrivals.length} upserts, the last after ${seconds(settledAfter)} s at the most = ${USERS * PLANS} changes of plan`,
      `- ${overtaken} that a newer one overtook before they were sent + ${again} sent again, since nobody knew whether they had arrived.`,
    ].join("\n"),
  );

  expect(answered).toBe(20_000);
  expect(backwards).toEqual([]);
  const wrong = [...last].filter(([, plan]) => plan !== PLANS - 1);
  expect([last.size, wrong]).toEqual([USERS, []]);
  expect(vambe.arrivals.length).toBe(USERS * PLANS - overtaken + again);
  // No more than two instances can have had in hand when they went, and what was read from them since.
  expect(again).toBeLessThanOrEqual(100);
  for (const instance of [well, cutOff, killed])
    expect(instance.output()).not.toMatch(/Secretpassword|internal error/);
  expect((await well.stop()).code).toBe(0);
  expect((await cutOff.stop()).code).toBe(0);
}, 240_000);
