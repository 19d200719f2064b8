import { setTimeout as sleep } from "node:timers/promises";
import { recordArrivals } from "../faults/arrivals.ts";
import { untilDelivered } from "../faults/promises.ts";
import { eventually } from "../support/eventually.ts";
import { DURABLE, startPostgres } from "../support/postgres.ts";
import { reply, startUpstream } from "../support/upstream.ts";
import { type Instance, startWorld } from "../support/world.ts";

/** Each kill comes after at most so many answers and upserts, however slow the machine is, and a moment later. */
const LONGEST_LIFE = 60;
const LAST_MOMENT_MS = 15;
const SLOWEST_ANSWER_MS = 25;

export interface Killed {
  kills: number;
  /** What the pages were told, and how often; `cut off` where nobody answered. */
  outcomes: Record<string, number>;
  upserts: number;
  /** Users whose last answer was about something newer than what Vambe has. */
  lost: string[];
  /** Users of whom Vambe was sent something older after something newer. */
  stale: string[];
}

/** What is killed: exchanges on one database. */
export interface Setting {
  instances: number;
  users: number;
  kills: number;
  /** Called after each. */
  tell?: (kills: number) => void;
}

const plan = (version: number) => `v${`${version}`.padStart(7, "0")}`;

/**
 * Users change their plans over and over, each as soon as the last change is answered, while exchanges are killed at random
 * moments, one at a time, and started again. One exchange has SQLite; several have PostgreSQL.
 */
export async function killRounds({
  instances: count,
  users,
  kills,
  tell = () => {},
}: Setting): Promise<Killed> {
  const arrivals = recordArrivals();
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(
    await startUpstream(async (socket, seen) => {
      arrivals.note(seen);
      await sleep(Math.random() * SLOWEST_ANSWER_MS);
      return reply(201)(socket, seen);
    }),
  );
  const postgres = count > 1 ? stack.use(await startPostgres(DURABLE)) : undefined;
  const environment: Record<string, string> = postgres
    ? { VAMBE_DATABASE_URL: await postgres.newDatabase() }
    : {};
  const world = stack.use(await startWorld({ apiUrl: upstream.url, environment }));
  const first: Instance = { ...world.exchange, page: world.page };
  const instances = [first];
  while (instances.length < count) instances.push(stack.use(await world.startAnother()));

  const names = Array.from({ length: users }, (_, number) => `user-${number}`);
  const asked = new Map<string, number>();
  const answered = new Map<string, number>();
  const outcomes: Record<string, number> = {};
  const note = (outcome: string) => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const happened = () => arrivals.upserts() + Object.values(outcomes).reduce((sum, some) => sum + some, 0);
  const oneOf = () => instances[Math.floor(Math.random() * instances.length)] ?? first;
  let isOver = false;

  const change = async (user: string): Promise<void> => {
    const version = (asked.get(user) ?? 0) + 1;
    asked.set(user, version);
    const traits = { name: user, plan: plan(version) };
    const answer = await oneOf()
      .page.identify({ id: user, ...traits }, world.proofFor(user, traits))
      .catch(() => undefined);
    note(answer ? answer.identity().status : "cut off");
    if (answer) answered.set(user, version);
  };
  for (let kill = 0; kill < kills; kill++) {
    isOver = false;
    const all = names.map(async (user) => {
      while (!isOver) await change(user);
    });
    const life = happened() + Math.floor(Math.random() * LONGEST_LIFE);
    await eventually("it is time", () => happened() >= life, { everyMs: 1 });
    await sleep(Math.random() * LAST_MOMENT_MS);
    const killed = oneOf();
    isOver = true;
    await killed.kill();
    await Promise.all(all);
    await killed.restart();
    tell(kill + 1);
  }
  await untilDelivered(world);
  return {
    kills,
    outcomes,
    upserts: arrivals.upserts(),
    lost: names.filter((user) => (arrivals.plansOf(user).at(-1) ?? "") < plan(answered.get(user) ?? 0)),
    stale: names.filter((user) => {
      const plans = arrivals.plansOf(user);
      return plans.some((one, at) => one < (plans[at - 1] ?? ""));
    }),
  };
}
