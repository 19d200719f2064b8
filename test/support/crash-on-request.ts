/**
 * Loaded into an exchange by `--import`: a mistake that nobody has thought of. A request for /crash ends in an error
 * that nobody catches, and that holds all there is, as errors of HTTP libraries do. `?rejected` leaves a promise
 * rejected with it.
 */
import diagnostics from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

diagnostics.subscribe("http.server.request.start", (message) => {
  const { url = "", headers }: IncomingMessage = Object(message).request;
  if (!url.startsWith("/crash")) return;
  const error = new Error(`${JSON.stringify(headers)}\n    at ${JSON.stringify(process.env)}`);
  Object.assign(error, { code: "E_CRASH", config: { headers, env: process.env } });
  if (url.endsWith("?rejected")) void Promise.reject(error);
  else
    setImmediate(() => {
      throw error;
    });
});
