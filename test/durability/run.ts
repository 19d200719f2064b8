/**
 * `npm run durability`: counts the answers that left before the flush of the disk that holds their row had returned, with
 * SQLite and with PostgreSQL, by the system calls of the real processes (strace). There may be none. With `-- --spoil flush`
 * the flush is left out on purpose, and the run has to fail.
 */
import { traceIdentifies } from "./traced-world.ts";

const words = process.argv.slice(2).join(" ");
if (words !== "" && words !== "--spoil flush") throw new Error("all there is to say is --spoil flush");

for (const database of ["SQLite", "PostgreSQL"] as const) {
  const { answers, early } = await traceIdentifies(database, words !== "");
  console.log(`${database}: ${answers} answers, ${early} before their flush`);
  if (early > 0) process.exitCode = 1;
}
