// The same outbox on a job queue: a job for each identify whose HMAC holds, the newest of a user in the place of the one before,
// and workers that carry them to Vambe. Prints its port.
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { Logger, makeWorkerUtils, run } from "graphile-worker";

const [secret, connectionString, vambe] = process.argv.slice(2);
const key = createSecretKey(Buffer.from(secret));
const logger = new Logger(() => () => {});
const preset = {
  worker: { connectionString, concurrentJobs: 16, maxPoolSize: 20, localQueue: { size: 64 } },
};

async function upsert({ user }) {
  const response = await fetch(`${vambe}/api/public/customer/upsert/info`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": secret },
    body: JSON.stringify({
      channel: "webchat",
      channel_id: "a1b2c3d4-e5f6-4890-abcd-ef1234567890",
      external_user_id: user.id,
      contact_name: user.name,
      contact_email: user.email,
      meta_data: { source: "website" },
      custom_field_values: [{ key: "plan", value: user.plan }],
    }),
  });
  await response.json();
  if (!response.ok) throw new Error(`${response.status}`);
}

const utils = await makeWorkerUtils({ connectionString, logger, maxPoolSize: 20 });
await utils.migrate();
await run({ preset, logger, noHandleSignals: true, taskList: { upsert } });

const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { user, proof } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  const dot = proof.lastIndexOf(".");
  const expected = createHmac("sha256", key).update(proof.slice(0, dot)).digest();
  const given = Buffer.from(proof.slice(dot + 1), "base64url");
  const holds = given.length === expected.length && timingSafeEqual(given, expected);
  if (holds) await utils.addJob("upsert", { user }, { jobKey: user.id });
  const text = JSON.stringify({ status: "queued", user: { id: user.id, verified: holds } });
  response
    .writeHead(holds ? 200 : 401, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
    })
    .end(text);
}).listen(0, "127.0.0.1", () => console.log(server.address().port));
