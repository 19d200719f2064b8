import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";

const CONNECTIONS = 32;

export interface Measured {
  perSecond: number;
  /** Of the server's processor, for one request, in microseconds. `NaN` where the system does not tell. */
  cpuMicros: number;
}

export interface Target {
  port: number;
  pid: number;
  /** Bytes of the next request. */
  next(): Buffer;
}

/** Requests over as many connections as a small site has at once, one after the other on each, for `ms`. */
export async function load({ port, pid, next }: Target, ms: number): Promise<Measured> {
  const sockets = Array.from({ length: CONNECTIONS }, () => connect(port, "127.0.0.1").setNoDelay());
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const cpu = cpuSeconds(pid);
  const began = performance.now();
  const deadline = began + ms;
  const counts = await Promise.all(sockets.map((socket) => converse(socket, next, deadline)));
  const seconds = (performance.now() - began) / 1000;
  const requests = counts.reduce((sum, count) => sum + count, 0);
  return { perSecond: requests / seconds, cpuMicros: ((cpuSeconds(pid) - cpu) / requests) * 1e6 };
}

/** Each request once, in any order. */
export async function loadAll(target: Omit<Target, "next">, requests: Iterator<Buffer>): Promise<Measured> {
  const state = { done: false };
  const next = () => {
    const { value, done } = requests.next();
    if (done) state.done = true;
    return value ?? Buffer.alloc(0);
  };
  const sockets = Array.from({ length: CONNECTIONS }, () => connect(target.port, "127.0.0.1").setNoDelay());
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const cpu = cpuSeconds(target.pid);
  const began = performance.now();
  const counts = await Promise.all(sockets.map((socket) => converse(socket, next, Infinity)));
  const seconds = (performance.now() - began) / 1000;
  const total = counts.reduce((sum, count) => sum + count, 0);
  return { perSecond: total / seconds, cpuMicros: ((cpuSeconds(target.pid) - cpu) / total) * 1e6 };
}

/** As little as it takes to know where an answer ends: the client must not be what is measured. */
function converse(socket: Socket, next: () => Buffer, deadline: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0;
    let pending = Buffer.alloc(0);
    const ask = () => {
      const request = performance.now() < deadline ? next() : Buffer.alloc(0);
      if (request.length > 0) return socket.write(request);
      socket.removeAllListeners("close").end();
      return resolve(answered);
    };
    socket.on("error", reject).on("close", () => reject(new Error("the server hung up")));
    socket.on("data", (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const end = pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = pending.toString("latin1", 0, end);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (pending.length < end + 4 + length) return;
      if (!head.startsWith("HTTP/1.1 20")) return reject(new Error(pending.toString("utf8")));
      pending = Buffer.alloc(0);
      answered += 1;
      ask();
    });
    ask();
  });
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
