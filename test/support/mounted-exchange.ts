import { createExchange, type ExchangeOptions, type LogFields } from "../../server/index.ts";
import { createLog, type Level } from "../../server/log.ts";
import { startVambe } from "./vambe.ts";
import { freshSettings, ORIGIN } from "./world.ts";

type Line = LogFields & { level: Level; event: string; time: string };

/** The exchange in this process, as an app mounts it, with nothing on the disk and a stand-in for Vambe. */
export async function mountExchange(changes: Partial<ExchangeOptions> = {}) {
  const { apiKey, secret, options } = freshSettings();
  const vambe = await startVambe({ apiKey });
  const settings = { ...options, apiUrl: vambe.url, ...changes };
  const lines: Line[] = [];
  const exchange = createExchange(settings, { log: createLog((line) => lines.push(JSON.parse(line))) });
  return Object.assign(exchange, {
    vambe,
    secret,
    /** What it has said at a level, without the time. */
    logged: (level: Level) =>
      lines.filter((line) => line.level === level).map(({ time, level, ...said }) => said),
    /** As a page of the site would ask it, with more headers. */
    identify: (asked: unknown, more: Record<string, string> = {}) => {
      const body = JSON.stringify(asked);
      const length = { "content-length": String(body.length) };
      const headers = { origin: ORIGIN, "content-type": "application/json", ...length, ...more };
      return exchange.fetch(new Request(`${settings.publicUrl}/identify`, { method: "POST", headers, body }));
    },
    [Symbol.asyncDispose]: async () => {
      await exchange.close();
      await vambe[Symbol.asyncDispose]();
    },
  });
}
