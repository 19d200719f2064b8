/** Addresses that a site or an exchange of this process has had. */
const used = new Set<string>();

/**
 * Starts a server at an address that none has had before. Chance gives out a port again, and the browser, which is the same
 * in all scenarios, may still know what was stored or cached there.
 */
export async function atNewAddress<Server extends AsyncDisposable & { url: string }>(
  start: () => Promise<Server>,
): Promise<Server> {
  const server = await start();
  if (!used.has(server.url)) {
    used.add(server.url);
    return server;
  }
  // Meanwhile this one keeps its port.
  const next = await atNewAddress(start);
  await server[Symbol.asyncDispose]();
  return next;
}
