// mount: where the requests go
import { createExchangeFromEnv } from "vambe-identity";

const exchange = createExchangeFromEnv();
// :mount

const site = (path: string) =>
  path === "/" ? new Response("The shop") : new Response("There is no such page", { status: 404 });

// mount: the routes
const server = Deno.serve(
  { port: Number(Deno.env.get("PORT")), hostname: Deno.env.get("HOST") },
  (request, { remoteAddr }) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/identity/")) return exchange.fetch(request, { address: remoteAddr.hostname });
    return site(pathname);
  },
);
// :mount
// mount: the end
Deno.addSignalListener("SIGTERM", async () => {
  await server.shutdown();
  await exchange.close();
  Deno.exit();
});
// :mount
