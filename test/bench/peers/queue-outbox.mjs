// The same outbox on a job queue: a job for each identify whose HMAC holds, the newest of a user in the place of the one before,
// and workers that carry them to Vambe. Prints its port.
import { createServer } from "node:http";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { holds, keyOf, readBody, upsert } from "./site.ts";

const [secret, connectionString, vambe] = process.argv.slice(2);
const key = keyOf(secret);
const logger = new Logger(() => () => {});
const preset = {
  worker: { connectionString, concurrentJobs: 16, maxPoolSize: 20, localQueue: { size: 64 } },
};

const utils = await makeWorkerUtils({ connectionString, logger, maxPoolSize: 20 });
await utils.migrate();
await run({
  preset,
  logger,
  noHandleSignals: true,
  taskList: { upsert: ({ user }) => upsert(vambe, secret, user) },
});

const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
  const { user, proof } = JSON.parse(await readBody(request));
  const verified = holds(key, proof);
  if (verified) await utils.addJob("upsert", { user }, { jobKey: user.id });
  const text = JSON.stringify({ status: "queued", user: { id: user.id, verified } });
  response
    .writeHead(verified ? 200 : 401, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
    })
    .end(text);
}).listen(0, "127.0.0.1", () => console.log(server.address().port));
