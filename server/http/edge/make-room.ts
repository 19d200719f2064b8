import type { Server } from "node:http";
import type { Socket } from "node:net";

/** With more connections than this some are closed: below the 1,024 files that a process may often open. */
const MOST_OPEN = 800;
/** The newest of those that wait for a request are left alone: they are about to send one. */
const NEWEST_LEFT = 100;

/**
 * Whoever only holds connections open must not keep others out: past the bound each new one costs one that has no request
 * under way, the one that has been so for the longest. That is all that can be known of connections that idle, say
 * nothing or drip a request's head: a visitor has sent his whole in a moment.
 */
export function makeRoom(server: Server): void {
  let open = 0;
  /** Those without a request under way, the longest first. */
  const waiting = new Set<Socket>();
  const underWay = new WeakMap<Socket, number>();
  server.on("connection", (socket: Socket) => {
    open += 1;
    waiting.add(socket);
    socket.once("close", () => {
      open -= 1;
      waiting.delete(socket);
    });
    if (open <= MOST_OPEN || waiting.size <= NEWEST_LEFT) return;
    const [oldest] = waiting;
    if (!oldest) return;
    waiting.delete(oldest);
    oldest.destroy();
  });
  server.on("request", ({ socket }, answer) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    waiting.delete(socket);
    answer.once("close", () => {
      const left = (underWay.get(socket) ?? 1) - 1;
      underWay.set(socket, left);
      if (left === 0 && !socket.destroyed) waiting.add(socket);
    });
  });
}
