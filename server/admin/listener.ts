import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { chosenLanguage, type Language } from "../problem-texts/language.ts";
import { type Refusal, refusalToAct, refusalToLook } from "./access.ts";
import { act } from "./act.ts";
import { isAction } from "./actions.ts";
import { documentOf, HEADERS, SCRIPT } from "./document.ts";
import { find } from "./find.ts";
import { look, type Watched } from "./look.ts";
import type { Recent } from "./recent.ts";

/** Bounds, as of the exchange's own server. Milliseconds; bytes. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 15_000, maxHeaderSize: 16 * 1024 };
const MOST_FORM_BYTES = 4096;

/** What it shows. */
interface Shows {
  watched: Watched;
  recent: Recent;
  metrics: Metrics;
  log: Log;
}

/** Where it listens, and what opens it. */
export interface Access {
  port: number;
  host: string;
  /** `VAMBE_ADMIN_TOKEN` */
  token: string | undefined;
}

/** What somebody asks of the page. */
interface Asking {
  request: IncomingMessage;
  url: URL;
  lang: Language;
  wantsJson: boolean;
}

interface Answered {
  status: number;
  type: string;
  body: string | Uint8Array;
  headers?: Record<string, string>;
}

/** Why it cannot listen, by the system's code. */
const MEANINGS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port in VAMBE_ADMIN_PORT is taken: set another, or stop what uses it",
  EACCES: "the port in VAMBE_ADMIN_PORT may not be used by this account: set one above 1023",
  EADDRNOTAVAIL: "VAMBE_ADMIN_HOST is not an address of this machine",
  ENOTFOUND: "VAMBE_ADMIN_HOST is not an address of this machine",
};

/** Opens the second listener: a page for people and metrics. @throws where the port cannot be had */
export async function openAdminListener(shows: Shows, { port, host, token }: Access): Promise<void> {
  const server = createServer(LIMITS, (request, response) => {
    answer(shows, token, request)
      .catch((error: unknown): Answered => {
        shows.log.error("the admin page could not be answered", { cause: error });
        return plain(500, "Something went wrong: the log of the exchange names the cause.");
      })
      .then((answered) => write(answered, response, request.method === "HEAD"));
  });
  // Whoever looks does not keep the exchange from ending.
  server.on("connection", (socket) => socket.unref());
  server.listen(port, host).unref();
  await once(server, "listening").catch((error: unknown) => {
    throw new Error(MEANINGS[Object(error).code] ?? "the admin page cannot listen", { cause: error });
  });
}

async function answer(shows: Shows, token: string | undefined, request: IncomingMessage): Promise<Answered> {
  const refusal = refusalToLook(request, token);
  if (refusal) return refused(refusal);
  const url = new URL(request.url ?? "/", "http://localhost");
  const lang = chosenLanguage(url.searchParams.get("lang"), request.headers["accept-language"] ?? null);
  const asking = { request, url, lang, wantsJson: request.headers.accept === "application/json" };
  const method = request.method === "HEAD" ? "GET" : request.method;
  switch (`${method} ${url.pathname}`) {
    case "GET /":
      return page(shows, asking);
    case "GET /state.json":
      return json(await look(shows.watched, shows.recent, shows.log));
    case `GET ${SCRIPT.path}`:
      return { status: 200, type: "text/javascript; charset=utf-8", body: SCRIPT.code };
    case "GET /metrics":
      return { status: 200, type: shows.metrics.contentType, body: await shows.metrics.text() };
    case "POST /act":
      return doAction(shows, asking);
    default:
      return plain(404, "There is nothing here. The page is at /, the metrics are at /metrics.");
  }
}

async function page({ watched, recent, log }: Shows, { url, lang }: Asking): Promise<Answered> {
  const words = url.searchParams;
  const query = words.get("q")?.trim();
  const [ask, user] = [words.get("ask"), words.get("user")];
  const [done, rows] = [words.get("done"), words.get("rows")];
  const body = await documentOf(
    {
      state: await look(watched, recent, log),
      ...(query && { query, found: await find(query, watched.ledger(), recent) }),
      ...(isAction(ask) && { asked: { action: ask, ...(user && { userId: user }) } }),
      ...(isAction(done) && { done: { action: done, rows: Number(rows) } }),
    },
    lang,
  );
  return { status: 200, type: "text/html; charset=utf-8", body, headers: { vary: "Accept-Language" } };
}

/** A form of the page. Where no script runs, the page comes again and says what was done. */
async function doAction({ log }: Shows, { request, wantsJson, lang }: Asking): Promise<Answered> {
  const form = new URLSearchParams(await formIn(request));
  const refusal = refusalToAct(request, form.get("form_token"));
  if (refusal) return refused(refusal);
  const [action, user] = [form.get("action"), form.get("user") ?? undefined];
  if (!isAction(action)) return plain(400, "There is no such action.");
  if (action === "forget" && !user) return plain(400, "Forgetting takes the id of one user.");
  const done = await act(action, user);
  const hasFailed = "failed" in done;
  if (hasFailed) log.warn("an action from the admin page could not be done", { action });
  else log.info("something was done from the admin page", { action, count: done.rows });
  if (wantsJson) return json(done);
  if (hasFailed) return plain(500, done.failed);
  const query = new URLSearchParams({ lang, done: action, rows: `${done.rows}` });
  return { ...plain(303, "It is done."), headers: { location: `./?${query}` } };
}

async function formIn(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MOST_FORM_BYTES) return "";
  }
  return text;
}

const json = (body: unknown): Answered => ({
  status: 200,
  type: "application/json",
  body: JSON.stringify(body),
});

const plain = (status: number, text: string): Answered => ({
  status,
  type: "text/plain; charset=utf-8",
  body: `${text}\n`,
});

/** Browsers ask for a password where a 401 names `Basic`. */
const refused = ({ status, text }: Refusal): Answered => ({
  ...plain(status, text),
  ...(status === 401 && {
    headers: { "www-authenticate": 'Basic realm="vambe-identity", charset="UTF-8"' },
  }),
});

function write(
  { status, type, body, headers = {} }: Answered,
  response: ServerResponse,
  isHead: boolean,
): void {
  response.writeHead(status, {
    ...HEADERS,
    ...headers,
    "content-type": type,
    "content-length": Buffer.byteLength(body),
  });
  response.end(isHead ? undefined : body);
}
