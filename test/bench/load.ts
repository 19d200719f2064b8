import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const CONNECTIONS = 64;

export interface Measured {
  perSecond: number;
  /** From the moment a request was due until all of its answer was there, in milliseconds. */
  medianMs: number;
  p99Ms: number;
  /** Of the server's processor, for one request, in microseconds. `NaN` where the system does not tell. */
  cpuMicros: number;
}

export interface Target {
  port: number;
  pid: number;
  /** Bytes of the next request. */
  next(): Buffer;
}

/** Requests over many connections, one after the other on each, for `ms`. */
export async function load({ port, pid, next }: Target, ms: number): Promise<Measured> {
  const deadline = performance.now() + ms;
  return measure({ port, pid }, CONNECTIONS, (ask) => {
    const again = async () => {
      while (performance.now() < deadline) await ask(next(), performance.now());
    };
    return Promise.all(Array.from({ length: CONNECTIONS }, again));
  });
}

/** Each request once, in any order. @param connections how many are under way at once */
export async function loadAll(
  target: Omit<Target, "next">,
  requests: Iterator<Buffer>,
  connections = CONNECTIONS,
): Promise<Measured> {
  return measure(target, connections, (ask) => {
    const again = async () => {
      for (let next = requests.next(); !next.done; next = requests.next())
        await ask(next.value, performance.now());
    };
    return Promise.all(Array.from({ length: connections }, again));
  });
}

/** So many a second for `ms`, whether the ones before have been answered or not; what has to wait for a connection is late. */
export async function loadAt({ port, pid, next }: Target, perSecond: number, ms: number): Promise<Measured> {
  return measure({ port, pid }, CONNECTIONS, async (ask) => {
    const began = performance.now();
    const all: Promise<void>[] = [];
    for (let now = began; now < began + ms; now = performance.now()) {
      while (all.length < ((now - began) / 1000) * perSecond)
        all.push(ask(next(), began + (all.length / perSecond) * 1000));
      await sleep(1);
    }
    await Promise.all(all);
  });
}

/** Sends a request over the next connection that is free. Resolves when it is answered. @param dueAt by `performance.now()` */
type Ask = (request: Buffer, dueAt: number) => Promise<void>;

async function measure(
  { port, pid }: Omit<Target, "next">,
  connections: number,
  work: (ask: Ask) => Promise<unknown>,
): Promise<Measured> {
  const sockets = Array.from({ length: connections }, () => connect(port, "127.0.0.1").setNoDelay());
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const free = sockets.map((socket) => new Connection(socket));
  const waiting: ((connection: Connection) => void)[] = [];
  const took: number[] = [];
  const ask: Ask = async (request, dueAt) => {
    const connection = free.pop() ?? (await new Promise<Connection>((resolve) => waiting.push(resolve)));
    await connection.ask(request);
    took.push(performance.now() - dueAt);
    const next = waiting.shift();
    if (next) next(connection);
    else free.push(connection);
  };
  const cpu = cpuSeconds(pid);
  const began = performance.now();
  await work(ask);
  const seconds = (performance.now() - began) / 1000;
  const cpuMicros = ((cpuSeconds(pid) - cpu) / took.length) * 1e6;
  for (const connection of free) connection.end();
  took.sort((a, b) => a - b);
  return {
    perSecond: took.length / seconds,
    medianMs: took[Math.floor(took.length / 2)] ?? Number.NaN,
    p99Ms: took[Math.floor(took.length * 0.99)] ?? Number.NaN,
    cpuMicros,
  };
}

/** As little as it takes to know where an answer ends: the client must not be what is measured. */
class Connection {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #answered: () => void = () => {};
  #failed: (error: Error) => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", (error) => this.#failed(error));
    socket.on("close", () => this.#failed(new Error("the server hung up")));
    socket.on("data", (chunk) => this.#read(chunk));
  }

  ask(request: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  end(): void {
    this.#failed = () => {};
    this.#socket.end();
  }

  #read(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const end = this.#pending.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = this.#pending.toString("latin1", 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    if (this.#pending.length < end + 4 + length) return;
    if (!head.startsWith("HTTP/1.1 20")) this.#failed(new Error(this.#pending.toString("utf8")));
    this.#pending = Buffer.alloc(0);
    this.#answered();
  }
}

/** Of a process, since it began. Linux tells. */
function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** What a process has in memory, in MB. Linux tells. */
export function memoryOf(pid: number): number {
  try {
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(resident) / 1024;
  } catch {
    return Number.NaN;
  }
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
