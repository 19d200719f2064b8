/**
 * `npm run soak`: exchanges are killed a thousand times (`npm run soak -- 100`: a hundred), half of them one that has SQLite, half
 * of them one of three on PostgreSQL, while users change and are answered. At the end nothing that was answered may be lost, and
 * nothing older may have reached Vambe after something newer.
 */
import { killRounds } from "./kill-rounds.ts";

const kills = Number(process.argv[2] ?? 1000);
if (!Number.isInteger(kills) || kills < 2) throw new Error("say how many kills, such as 1000");
const began = performance.now();
const minutes = () => ((performance.now() - began) / 60_000).toFixed(1);
const told = (name: string) => (done: number) => {
  if (done % 50 === 0) console.log(`${name}: ${done} kills after ${minutes()} min`);
};

const half = Math.floor(kills / 2);
const results = await Promise.all([
  killRounds({ instances: 1, users: 24, kills: kills - half, tell: told("SQLite") }),
  killRounds({ instances: 3, users: 24, kills: half, tell: told("three on PostgreSQL") }),
]);
for (const [at, { kills: done, outcomes, upserts, lost, stale }] of results.entries()) {
  const answers = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  console.log(
    `${at === 0 ? "SQLite" : "three on PostgreSQL"}: ${done} kills, ${answers.join(", ")}; ${upserts} upserts; ${lost.length} lost, ${stale.length} stale`,
  );
  for (const user of [...lost, ...stale]) console.error(`✗ ${user}`);
  if (lost.length + stale.length > 0) process.exitCode = 1;
}
console.log(`${minutes()} minutes`);
