import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";

/** Somebody of this machine who should never hear of it. */
export async function startBystander() {
  const heard: Buffer[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on("data", (bytes) => heard.push(bytes)).on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    heard: () => Buffer.concat(heard).toString("latin1"),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}
/** Surroundings in which each name has this address, or these in turn. */
export const falseDns = (answer: string) => ({
  NODE_OPTIONS: `--import=${fileURLToPath(new URL("./false-dns.ts", import.meta.url))}`,
  FALSE_DNS: answer,
});
