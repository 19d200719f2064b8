import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";

const LOOPBACK = "127.0.0.1";
const TRIES = 50;
/** Below the ports that systems lend to clients, so that nobody has it while it changes hands. */
const anyPort = () => randomInt(12_000, 30_000);

/** A port that is ours, and where it is to be found. It can be known before there is anything to serve. */
export interface OpenPort {
  port: number;
  url: string;
  serve(fetch: (request: Request) => Response | Promise<Response>): void;
  close(): Promise<void>;
}

/** Opens the wanted port, or the next that is free. 0 takes any. */
export async function openPort(wanted: number): Promise<OpenPort> {
  const first = wanted || anyPort();
  for (let port = first; port < first + TRIES; port++) {
    const server = await bind(port, LOOPBACK);
    if (server && (await freeOnIPv6(port))) return toOpenPort(server);
    if (server) await close(server);
  }
  throw new Error(`No free port from ${first} to ${first + TRIES - 1}`);
}

function toOpenPort(server: Server): OpenPort {
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://localhost:${port}`,
    serve: (fetch) => server.on("request", getRequestListener(fetch)),
    close: () => close(server),
  };
}

/** A browser may try `localhost` on IPv6 first, and would then find somebody else's server. */
async function freeOnIPv6(port: number): Promise<boolean> {
  try {
    const server = await bind(port, "::1");
    if (server) await close(server);
    return server !== null;
  } catch {
    return true; // this machine has no IPv6
  }
}

/** `null` where the port is taken. */
function bind(port: number, host: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(null) : reject(error),
    );
    server.listen(port, host, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
