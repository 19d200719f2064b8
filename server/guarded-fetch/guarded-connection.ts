import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { kindOfAddress } from "./address.ts";
import { isLoopbackHost } from "./secure-url.ts";

/** Which addresses a fetch may reach beside public ones. */
export interface Reach {
  /** This machine, where the URL's own host says so: `localhost`, `127.0.0.1`, `[::1]`. */
  loopback: boolean;
  /** Private networks, and names that lead to this machine. */
  privateNetworks: boolean;
}

/** All addresses of a host name. */
export type Lookup = (hostname: string) => Promise<LookupAddress[]>;

/** Why a fetch failed, in words for the log. Holds nothing that was sent or received. */
export class FetchFailure extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.name = "FetchFailure";
    this.reason = reason;
  }
}

const everyAddress: Lookup = (hostname) => systemLookup(hostname, { all: true });

/**
 * A connection on which nothing has been sent yet but the TLS handshake. Its address is checked twice: before
 * it is connected to, and on the connected socket, so that no DNS answer can change in between.
 * @throws {FetchFailure} where the address is not within reach
 */
export async function openConnection(
  url: URL,
  reach: Reach,
  signal: AbortSignal,
  lookup: Lookup = everyAddress,
): Promise<Socket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const within = (address: string | undefined) => isWithin(reach, url.hostname, address);
  const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await lookup(host);
  const addresses = found.filter(({ address }) => within(address));
  if (addresses.length === 0) throw new FetchFailure("its address is not one that may be asked");
  signal.throwIfAborted();

  const socket = connect({
    host,
    port: Number(url.port) || (url.protocol === "https:" ? 443 : 80),
    autoSelectFamily: true,
    lookup: (_name, _options, done) => done(null, addresses),
  });
  endWith(signal, socket);
  await happens(socket, "connect");
  if (!within(socket.remoteAddress)) {
    socket.destroy();
    throw new FetchFailure("its address is not one that may be asked");
  }
  if (url.protocol === "http:") return socket;

  const secure = connectTls({
    socket,
    host,
    ...(isIP(host) ? {} : { servername: host }),
    ALPNProtocols: ["http/1.1"],
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
  });
  endWith(signal, secure);
  await happens(secure, "secureConnect");
  return secure;
}

function isWithin(reach: Reach, hostname: string, address: string | undefined): boolean {
  const kind = address === undefined ? "never" : kindOfAddress(address);
  // What is called localhost has to be this machine: it may be asked without encryption.
  if (isLoopbackHost(hostname)) return reach.loopback && kind === "loopback";
  return kind === "public" || (reach.privateNetworks && kind !== "never");
}

function endWith(signal: AbortSignal, socket: Socket): void {
  const end = () => socket.destroy();
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", end));
}

function happens(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays on: an error that comes later has no one else to hear it.
    socket.on("error", reject);
    socket.once("close", () => reject(new FetchFailure("the connection was closed")));
    socket.once(event, resolve);
  });
}
