import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface TcpProxy extends AsyncDisposable {
  port: number;
  /** Breaks every connection and lets no new one come about. */
  cut(): void;
  /** Keeps every connection and takes new ones, and lets nothing through: a cable that somebody has pulled. */
  swallow(): void;
  heal(): void;
}

/** Stands between somebody and a port of the loopback interface. */
export async function startTcpProxy(to: number): Promise<TcpProxy> {
  let mode: "open" | "cut" | "swallow" = "open";
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  };
  const server = createServer((near) => {
    keep(near);
    if (mode === "cut") return void near.resetAndDestroy();
    const far = connect(to, "127.0.0.1");
    keep(far);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (bytes) => {
        if (mode === "open") into.write(bytes);
      });
      from.on("close", () => into.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      mode = "cut";
      breakAll();
    },
    swallow: () => {
      mode = "swallow";
    },
    heal: () => {
      // What was swallowed is missing: such a connection is of no use any more.
      if (mode === "swallow") breakAll();
      mode = "open";
    },
    [Symbol.asyncDispose]: async () => {
      breakAll();
      server.close();
      await once(server, "close");
    },
  };
}
