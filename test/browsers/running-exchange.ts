import { randomBytes, randomUUID } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createExchange } from "../../server/index.ts";
import { createLog } from "../../server/log.ts";
import { signProof } from "../support/proofs.ts";
import { type RunningVambe, startVambe } from "../support/vambe.ts";

export interface RunningExchange extends AsyncDisposable {
  url: string;
  vambe: RunningVambe;
  /** How many identifies have arrived. */
  identifies(): number;
  /** A user with the proof that the site's backend gives for all of the traits. */
  proven<Traits extends { id: string }>(user: Traits, secondsLeft?: number): Traits & { proof: string };
  /** What the exchange says of its own script: the hash for the tag's `integrity`. */
  integrity(): Promise<string>;
  /** Nobody listens on its port any more. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

/** The real exchange behind a real socket, in front of the stand-in for Vambe. Pages of `origin` may identify. */
export async function startExchange(origin: string): Promise<RunningExchange> {
  const apiKey = `key-${randomBytes(16).toString("hex")}`;
  const secret = `secret-${randomBytes(24).toString("hex")}`;
  const vambe = await startVambe({ apiKey });
  let identifies = 0;
  let answer: RequestListener = (_, response) => response.writeHead(503).end();
  const listener: RequestListener = (request, response) => answer(request, response);
  let server = await listen(listener, 0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const exchange = createExchange(
    {
      apiKey,
      apiUrl: vambe.url,
      channelId: randomUUID(),
      identitySecrets: [secret],
      allowedOrigins: [origin],
      publicUrl: url,
      databaseUrl: "memory:",
      rateLimit: 0,
      maxRate: 1000,
    },
    { log: createLog(() => {}) },
  );
  await exchange.ready;
  answer = getRequestListener((request) => {
    if (request.method === "POST" && new URL(request.url).pathname === "/identify") identifies++;
    return exchange.fetch(request);
  });

  return {
    url,
    vambe,
    identifies: () => identifies,
    proven: (user, secondsLeft = 600) => {
      const { id, ...traits } = user;
      const exp = Math.floor(Date.now() / 1000) + secondsLeft;
      return { ...user, proof: signProof(secret, id, { ...traits, exp }) };
    },
    integrity: async () => {
      const answered = await fetch(`${url}/integrity.json`);
      const hashes = (await answered.json()) as Record<string, string>;
      const hash = hashes["vambe-identity.js"];
      if (!hash) throw new Error(`no hash of the script in ${JSON.stringify(hashes)}`);
      return hash;
    },
    goAway: () => close(server),
    comeBack: async () => {
      server = await listen(listener, port);
    },
    [Symbol.asyncDispose]: async () => {
      await close(server);
      await exchange.close();
      await vambe[Symbol.asyncDispose]();
    },
  };
}

function listen(listener: RequestListener, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(listener);
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
