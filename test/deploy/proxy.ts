import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { type RequestOptions, request } from "node:https";
import { selfSigned } from "../support/certificate.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { programsOfAll, reasonToSkip } from "../support/programs.ts";
import type { RawAnswer } from "../support/raw-request.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { deployFile } from "./docs-file.ts";

export interface Asked extends Pick<RequestOptions, "method" | "agent"> {
  headers?: Record<string, string>;
  body?: string;
  /** The address of this machine that the request comes from. */
  from?: string;
}

/** nginx or Caddy with one of the configurations in docs/deploy/, on ports of its own. */
export interface RunningProxy extends AsyncDisposable {
  /** As a browser would, over TLS with a certificate that has to hold. Nothing is decompressed or followed. */
  ask(path: string, asked?: Asked): Promise<RawAnswer>;
  /** The same over HTTP/2, where an answer's `:status` is among its headers. */
  askHttp2(
    path: string,
    asked: Pick<Asked, "method" | "headers" | "body">,
  ): Promise<{ headers: Record<string, unknown>; text: string }>;
  port: number;
  /** Whose certificates are believed. PEM. */
  authority(): string;
  /** The port for those who come without TLS. */
  plainPort: number;
  /** Where the site's own pages are. */
  site: string;
  log(): string;
}

/** What a configuration stands in front of: its host name, and the ports of its exchanges. */
export interface Before {
  host: string;
  exchanges: readonly number[];
  /** What else is replaced. */
  changes?: Readonly<Record<string, string>>;
}

/** Whichever of the two a configuration is for. */
export const startProxy = (file: string, before: Before): Promise<RunningProxy> =>
  file.startsWith("Caddyfile") ? startCaddy(file, before) : startNginx(file, before);

/** Why it cannot be run here, where that is so. */
export const reasonToSkipProxy = (file: string) =>
  file.startsWith("Caddyfile") ? reasonToSkip("caddy", "version") : reasonToSkip("nginx", "-v");

/** The line for Caddy before 2.11.2 that docs/deploy/Caddyfile speaks of; `undefined` where none is needed. */
export function bufferingLine(): string | undefined {
  const said = execFileSync("caddy", ["version"], { env: programsOfAll(), encoding: "utf8" });
  const [major = 0, minor = 0, patch = 0] = (/(\d+)\.(\d+)\.(\d+)/.exec(said) ?? []).slice(1).map(Number);
  const version = major * 1e6 + minor * 1e3 + patch;
  if (version >= 2_011_002) return undefined;
  return version < 2_006_003 ? "buffer_requests" : "request_buffers 64KiB";
}

async function startNginx(file: string, { host, exchanges, changes }: Before): Promise<RunningProxy> {
  const { folder, port, plainPort, site } = await surroundings();
  const { key, cert } = selfSigned(host);
  const [keyFile, certFile] = [folder.file("key.pem"), folder.file("cert.pem")];
  writeFileSync(keyFile, key);
  writeFileSync(certFile, cert);
  const live = `/etc/letsencrypt/live/${host}`;
  const withoutTls = file === "nginx-host.conf";
  const text = deployFile(file, {
    ...(withoutTls && { "listen 80;": `listen 127.0.0.1:${plainPort};`, "listen [::]:80;": "" }),
    "listen 443 ssl http2;": `listen 127.0.0.1:${port} ssl http2;`,
    "listen [::]:443 ssl http2;": "",
    [`${live}/fullchain.pem`]: certFile,
    [`${live}/privkey.pem`]: keyFile,
    "/var/www/html": site,
    "server 127.0.0.1:8787 fail_timeout=2s;": exchanges
      .map((each) => `server 127.0.0.1:${each} fail_timeout=2s;`)
      .join(" "),
    ...changes,
  });
  writeFileSync(folder.file("site.conf"), text);
  const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => {
    mkdirSync(folder.file(name), { mode: 0o777 });
    return `${name}_temp_path ${name};`;
  });
  // Around it what Debian's own nginx.conf has that could matter.
  writeFileSync(
    folder.file("nginx.conf"),
    `daemon off; pid nginx.pid; error_log error.log; worker_processes 1;
     ${process.getuid?.() === 0 ? "user root;" : ""}
     events { worker_connections 768; }
     http {
       sendfile on; tcp_nopush on; types_hash_max_size 2048; gzip on; access_log off;
       types { text/html html; } default_type application/octet-stream;
       ${kept.join(" ")}
       include site.conf;
     }`,
  );
  const errors = folder.file("error.log");
  const child = spawn("nginx", ["-p", folder.path, "-c", folder.file("nginx.conf"), "-e", errors], {
    env: programsOfAll(),
    stdio: "ignore",
  });
  const log = () => (existsSync(errors) ? readFileSync(errors, "utf8") : "");
  return running({ child, folder, host, port, plainPort, site, log, authority: () => cert });
}

async function startCaddy(file: string, { host, exchanges, changes }: Before): Promise<RunningProxy> {
  const { folder, port, plainPort, site } = await surroundings();
  // Instead of a public authority, which would ask for the host by its name, one of Caddy's own.
  const options = `admin off\n local_certs\n skip_install_trust\n default_bind 127.0.0.1\n http_port ${plainPort}\n https_port ${port}`;
  const upstreams = exchanges.map((each) => `127.0.0.1:${each}`).join(" ");
  const isSite = file === "Caddyfile.prefix";
  const text = isSite
    ? `{\n${options}\n}\n${deployFile(file, { "127.0.0.1:8787": upstreams, "/var/www/html": site, ...changes })}`
    : deployFile(file, { "{\n\tservers {": `{\n${options}\n\tservers {`, ...changes });
  writeFileSync(folder.file("Caddyfile"), text);
  const printed: string[] = [];
  const child = spawn("caddy", ["run", "--adapter", "caddyfile", "--config", folder.file("Caddyfile")], {
    cwd: folder.path,
    env: {
      ...programsOfAll(),
      HOME: folder.path,
      XDG_DATA_HOME: folder.path,
      XDG_CONFIG_HOME: folder.path,
      IDENTITY_HOST: host,
      IDENTITY_EXCHANGE: upstreams,
      IDENTITY_EXCHANGES: upstreams,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => printed.push(text));
  const root = folder.file("caddy/pki/authorities/local/root.crt");
  return running({
    child,
    folder,
    host,
    port,
    plainPort,
    site,
    log: () => printed.join(""),
    authority: () => readFileSync(root, "utf8"),
  });
}

async function surroundings() {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  const site = folder.file("site");
  mkdirSync(site);
  writeFileSync(`${site}/index.html`, "<title>The shop</title>");
  return { folder, port: await freePort(), plainPort: await freePort(), site };
}

interface Started {
  child: ChildProcess;
  folder: TemporaryFolder;
  host: string;
  port: number;
  plainPort: number;
  site: string;
  log(): string;
  authority(): string;
}

async function running({
  child,
  folder,
  host,
  port,
  plainPort,
  site,
  log,
  authority,
}: Started): Promise<RunningProxy> {
  const ended = once(child, "close");
  const tls = () => ({ host: "127.0.0.1", port, servername: host, ca: authority() });
  const ask: RunningProxy["ask"] = async (path, { headers = {}, body, from, ...asked } = {}) => {
    const outgoing = request({
      ...tls(),
      agent: false,
      ...asked,
      path,
      headers: { host, ...headers },
      ...(from && { localAddress: from }),
    });
    if (body !== undefined) outgoing.setHeader("content-length", Buffer.byteLength(body));
    const answered = once(outgoing, "response");
    outgoing.end(body);
    const [response] = await answered;
    // An answer may come before the whole body has been sent.
    outgoing.on("error", () => {});
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const named = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
    const cookies = response.headers["set-cookie"] ?? [];
    return {
      status: response.statusCode,
      headers: Object.fromEntries(named),
      cookies,
      bytes,
      text: bytes.toString("utf8"),
    };
  };
  const askHttp2: RunningProxy["askHttp2"] = async (path, { method = "GET", headers, body }) => {
    const session = connect(`https://${host}`, { ...tls(), ALPNProtocols: ["h2"] });
    const stream = session.request({ ":path": path, ":method": method, ...headers }, { endStream: false });
    stream.end(body);
    const [answer] = await once(stream, "response");
    let text = "";
    for await (const chunk of stream.setEncoding("utf8")) text += chunk;
    session.close();
    return { headers: answer, text };
  };
  const dispose = async () => {
    child.kill("SIGTERM");
    await ended;
    folder.remove();
  };
  try {
    await eventually("the proxy listens", async () => child.exitCode !== null || (await ask("/")).status > 0);
    if (child.exitCode !== null) throw new Error(`the proxy has ended:\n${log()}`);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { ask, askHttp2, port, authority, plainPort, site, log, [Symbol.asyncDispose]: dispose };
}
