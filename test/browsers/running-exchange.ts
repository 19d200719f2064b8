import { randomBytes, randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Listening, startListening } from "../support/listening.ts";
import { mountExchange } from "../support/mounted-exchange.ts";
import { signProof } from "../support/proofs.ts";
import type { RunningVambe } from "../support/vambe.ts";
import { atNewAddress } from "./new-address.ts";

export interface RunningExchange extends Listening {
  vambe: RunningVambe;
  webchatSecret: string;
  channelId: string;
  /** How many identifies have arrived. */
  identifies(): number;
  /** A user with the proof that the site's backend gives for all of the traits. */
  proven<Traits extends { id: string }>(user: Traits, secondsLeft?: number): Traits & { proof: string };
  /** What the exchange says of its own script: the hash for the tag's `integrity`. */
  integrity(): Promise<string>;
}

/** The real exchange behind a real socket, in front of the stand-in for Vambe. Pages of `origin` may identify. */
export async function startExchange(origin: string): Promise<RunningExchange> {
  let identifies = 0;
  let answer: RequestListener = (_, response) => response.writeHead(503).end();
  const listening = await atNewAddress(() =>
    startListening((request, response) => answer(request, response)),
  );
  const { url } = listening;

  const webchatSecret = randomBytes(32).toString("hex");
  const channelId = randomUUID();
  const { vambe, secret, ...exchange } = await mountExchange({
    allowedOrigins: [origin],
    publicUrl: url,
    channelId,
    webchatSecrets: [webchatSecret],
  });
  await exchange.ready;
  answer = getRequestListener((request) => {
    if (request.method === "POST" && new URL(request.url).pathname === "/identify") identifies++;
    return exchange.fetch(request);
  });

  return {
    ...listening,
    vambe,
    webchatSecret,
    channelId,
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
    [Symbol.asyncDispose]: async () => {
      await listening.goAway();
      await exchange[Symbol.asyncDispose]();
    },
  };
}
