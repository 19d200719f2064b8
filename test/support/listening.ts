import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that can be away for a while and come back at the same address. */
export interface Listening extends AsyncDisposable {
  url: string;
  /** Nobody listens on its port any more. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

export async function startListening(listener: RequestListener): Promise<Listening> {
  let server = await listen(listener, 0);
  const { port } = server.address() as AddressInfo;
  const goAway = () => close(server);
  return {
    url: `http://127.0.0.1:${port}`,
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
