import { startExchange } from "../../server/exchange.ts";
import { createLog, type Level } from "../../server/log.ts";
import type { Observer } from "../../server/observer.ts";
import { checkSettings } from "../../server/settings/check-settings.ts";
import type { ExchangeOptions } from "../../server/settings/exchange-options.ts";
import { signProof } from "./proofs.ts";
import { startVambe } from "./vambe.ts";
import { freshSettings, ORIGIN } from "./world.ts";

/** The exchange in this process, with others that hear what happens in it, and a stand-in for Vambe. */
export async function startObserved(observers: readonly Observer[], changes: Partial<ExchangeOptions> = {}) {
  const { apiKey, secret, options } = freshSettings();
  const vambe = await startVambe({ apiKey });
  const settings = checkSettings({ ...options, apiUrl: vambe.url, ...changes });
  const lines: Record<string, unknown>[] = [];
  const log = createLog((line) => lines.push(JSON.parse(line)));
  const exchange = startExchange(settings, { log, observers });
  await exchange.ready;
  const ask = (path: string, { method = "GET", headers = {}, body }: RequestInit = {}) => {
    const length = typeof body === "string" ? { "content-length": String(Buffer.byteLength(body)) } : {};
    const whole = { method, headers: { ...headers, ...length }, ...(body != null && { body }) };
    return exchange.fetch(new Request(settings.publicUrl + path, whole), { address: "203.0.113.77" });
  };
  return {
    exchange,
    vambe,
    secret,
    logged: (level: Level) => lines.filter((line) => line.level === level),
    ask,
    /** As a page of the site would ask it, or of another origin. */
    identify: (asked: unknown, origin: string | undefined = ORIGIN) =>
      ask("/identify", {
        method: "POST",
        headers: { "content-type": "application/json", ...(origin && { origin }) },
        body: JSON.stringify(asked),
      }),
    proofFor: (id: string, claims = {}) => signProof(secret, id, claims),
    [Symbol.asyncDispose]: async () => {
      await exchange.close();
      await vambe[Symbol.asyncDispose]();
    },
  };
}
