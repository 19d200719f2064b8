import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import { describe, expect, test } from "vitest";
import { selfSigned } from "../support/certificate.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { reply, startUpstream } from "../support/upstream.ts";
import { startWorld } from "../support/world.ts";
import { recordArrivals } from "./arrivals.ts";
import { identify, untilDelivered } from "./promises.ts";

describe.concurrent("no connection to Vambe", { timeout: 120_000 }, () => {
  test("because its name does not resolve: all arrives once it does", async () => {
    using folder = temporaryFolder();
    const arrivals = recordArrivals();
    await using upstream = await startUpstream(arrivals.take);
    const preload = new URL("../support/dns-on-a-switch.ts", import.meta.url);
    await using world = await startWorld({
      apiUrl: upstream.url.replace("127.0.0.1", "localhost"),
      environment: { NODE_OPTIONS: `--import=${preload}`, DNS_WORKS_WITH: folder.file("dns-works") },
    });
    for (const id of ["a", "b"])
      expect((await identify(world, id, { name: `Name of ${id}` })).status).toBe("queued");
    await eventually("the log says why", () => /"cause":"ENOTFOUND"/.test(world.exchange.output()));
    expect(arrivals.ids()).toEqual([]);
    writeFileSync(folder.file("dns-works"), "");
    await untilDelivered(world);
    expect(arrivals.ids()).toEqual(["a", "b"]);
  });

  test("because somebody else answers at its address: the key goes to nobody, and all arrives later", async () => {
    using folder = temporaryFolder();
    const right = selfSigned("localhost");
    writeFileSync(folder.file("ca.pem"), right.cert);
    const arrivals = recordArrivals();
    await using upstream = await startUpstream(arrivals.take);
    await using front = await startTls(selfSigned("localhost"), Number(new URL(upstream.url).port));
    await using world = await startWorld({
      apiUrl: `https://localhost:${front.port}`,
      environment: { NODE_EXTRA_CA_CERTS: folder.file("ca.pem") },
    });
    for (const id of ["a", "b"])
      expect((await identify(world, id, { name: `Name of ${id}` })).status).toBe("queued");
    await eventually("it says why", () => /"cause":"\w*(CERT|SIGN|LEAF)\w*"/.test(world.exchange.output()));
    expect(upstream.seen).toEqual([]);
    front.present(right);
    await untilDelivered(world);
    expect(arrivals.ids()).toEqual(["a", "b"]);
  });
});

describe.concurrent("a proxy on the way that wants a password", { timeout: 120_000 }, () => {
  test("is named, and nothing that was to be sent is shown to it", async () => {
    await using proxy = await startUpstream(reply(407));
    await using world = await startWorld({
      apiUrl: "https://api.vambe.invalid",
      environment: { NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: proxy.url },
    });
    expect((await identify(world, "a", { name: "Name of a" })).status).toBe("queued");
    await eventually("it says so", () => /"cause":"a proxy answers 407"/.test(world.exchange.output()));
    expect(JSON.stringify(proxy.seen)).not.toMatch(/Name of a|key-/);
  });
});

/** TLS in front of a plain socket, with a certificate that can be exchanged. */
async function startTls(certificate: TlsOptions, port: number) {
  const server = createServer(certificate, (socket) => {
    const inner = connect(port, "127.0.0.1");
    socket.on("error", () => inner.destroy()).pipe(inner);
    inner.on("error", () => socket.destroy()).pipe(socket);
  }).listen(0, "127.0.0.1");
  server.on("tlsClientError", () => {});
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    present: (next: { key: string; cert: string }) => server.setSecureContext(next),
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}
