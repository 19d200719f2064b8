import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An upsert as it arrived, in the order in which they did. */
export interface Arrival {
  userId: string;
  plan: string | undefined;
}

export interface RecordingVambe extends AsyncDisposable {
  url: string;
  arrivals: Arrival[];
}

/** A Vambe that takes everything and keeps no more of it than that: for tests with very many upserts. */
export async function startRecordingVambe(): Promise<RecordingVambe> {
  const arrivals: Arrival[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const fields: { key: string; value: string }[] = body.custom_field_values ?? [];
    arrivals.push({
      userId: body.external_user_id,
      plan: fields.find(({ key }) => key === "plan")?.value,
    });
    response.writeHead(201, { "content-type": "application/json" });
    response.end(JSON.stringify({ id: `contact of ${body.external_user_id}` }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
