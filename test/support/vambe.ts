import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createVambeStandIn, type StandInOptions, type VambeStandIn } from "../../demo/vambe/stand-in.ts";

export interface RunningVambe extends AsyncDisposable {
  url: string;
  /** Contacts, upserts and faults of the stand-in that keeps Vambe's published contract. */
  standIn: VambeStandIn;
  /** Nobody listens on its port any more. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

/** The stand-in for Vambe's API behind a real socket. */
export async function startVambe(options: StandInOptions): Promise<RunningVambe> {
  const standIn = createVambeStandIn(options);
  const listener = getRequestListener(standIn.fetch);
  let server = await listen(listener, 0);
  const { port } = server.address() as AddressInfo;
  const goAway = () => close(server);
  return {
    url: `http://127.0.0.1:${port}`,
    standIn,
    goAway,
    comeBack: async () => {
      server = await listen(listener, port);
    },
    [Symbol.asyncDispose]: goAway,
  };
}

function listen(listener: RequestListener, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(listener);
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
