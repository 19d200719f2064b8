import { createHash, randomBytes } from "node:crypto";
import { inject } from "vitest";
import type { Environment } from "../../support/exchange-process.ts";
import { freePort } from "../../support/free-port.ts";
import { signProof } from "../../support/proofs.ts";
import { type RawAnswer, type RawRequest, rawRequest } from "../../support/raw-request.ts";
import { type RunningVambe, startVambe } from "../../support/vambe.ts";
import { freshSettings, ORIGIN } from "../../support/world.ts";
import type { InstalledApp } from "./installed-app.ts";
import type { Mount, Variant } from "./mount.ts";
import { type RunningApp, startApp } from "./running-app.ts";
import { startSite } from "./site.ts";

/** Where every app has the exchange. */
export const PREFIX = "/identity";
/** Identifies a minute from one address. Each request of the tests has an address of its own, unless it says otherwise. */
export const RATE_LIMIT = 20;

/** Elsewhere than on Linux the loopback network has one address, unless somebody adds others. */
export const HAS_ONE_ADDRESS = process.platform !== "linux";

export interface Asked extends RawRequest {
  /** The visitor's address, of the loopback network. */
  from?: string;
}

/** A site's app with the exchange in it, and a stand-in for Vambe. */
export interface MountedWorld extends AsyncDisposable {
  mount: Mount;
  variant: Variant;
  /** As it runs now: it may be started anew. */
  app(): RunningApp;
  vambe: RunningVambe;
  /** The site's own origin, which may identify too. */
  url: string;
  /** A request to the host; `path` begins with a slash. */
  ask(path: string, asked?: Asked): Promise<RawAnswer>;
  /** An identify of a user whose proof holds, unless `asked` has another body. */
  identify(id: string, traits?: Record<string, string>, asked?: Asked): Promise<RawAnswer>;
  proofFor(id: string, claims?: Record<string, unknown>): string;
  /** Names of the users that Vambe has, by their id. */
  contacts(): Record<string, string | null>;
  start(changes?: Environment): Promise<RunningApp>;
}

/** All but the app, which `start` starts. */
export async function mountedWorld(
  mount: Mount,
  variant: Variant,
  installed: InstalledApp,
): Promise<MountedWorld> {
  const { apiKey, secret, environment } = freshSettings();
  const vambe = await startVambe({ apiKey });
  const site = await startSite();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const name = randomBytes(6).toString("hex");
  const settings: Environment = {
    ...environment,
    VAMBE_API_URL: vambe.url,
    VAMBE_ALLOWED_ORIGINS: `${ORIGIN},${url}`,
    VAMBE_PUBLIC_URL: url + PREFIX,
    VAMBE_SESSION_URL: `${site.url}/me`,
    VAMBE_DATABASE_URL: mount.withoutSqlite
      ? `${inject("mounts").postgres}?schema=app_${name}`
      : `file:${installed.folder.file(`${name}.db`)}`,
    VAMBE_RATE_LIMIT: HAS_ONE_ADDRESS ? "0" : String(RATE_LIMIT),
    ...(mount.addressInHeader && { VAMBE_TRUST_PROXY: "1" }),
    ...variant.environment,
  };
  let app: RunningApp | undefined;
  let visitors = 0;
  const ask: MountedWorld["ask"] = (path, { from = addressOf(name, visitors++), headers, ...asked } = {}) =>
    mount.addressInHeader
      ? rawRequest(url + path, { ...asked, headers: { ...headers, "x-forwarded-for": from } })
      : rawRequest(url + path, { ...asked, ...(!HAS_ONE_ADDRESS && { from }), ...(headers && { headers }) });
  const proofFor = (id: string, claims?: Record<string, unknown>) => signProof(secret, id, claims);

  return {
    mount,
    variant,
    app: () => {
      if (!app) throw new Error("the app has not been started");
      return app;
    },
    vambe,
    url,
    ask,
    identify: (id, traits = {}, { headers, ...asked } = {}) =>
      ask(`${PREFIX}/identify`, {
        method: "POST",
        headers: { origin: ORIGIN, "content-type": "application/json", ...headers },
        body: JSON.stringify({ user: { id }, proof: proofFor(id, traits) }),
        ...asked,
      }),
    proofFor,
    contacts: () =>
      Object.fromEntries(
        vambe.standIn.contacts().map(({ external_user_id, contact }) => [external_user_id, contact.name]),
      ),
    start: async (changes = {}) => {
      // It would answer in place of the new one.
      await app?.[Symbol.asyncDispose]();
      app = await startApp(mount, installed, port, { ...settings, ...changes });
      return app;
    },
    [Symbol.asyncDispose]: async () => {
      await app?.[Symbol.asyncDispose]();
      await site[Symbol.asyncDispose]();
      await vambe[Symbol.asyncDispose]();
    },
  };
}

/** An address of the loopback network that nobody else has in the same minute, or hardly. */
function addressOf(name: string, visitor: number): string {
  const [a = 0, b = 0] = createHash("sha256").update(name).digest();
  return `127.${1 + (a % 200)}.${(b + (visitor >> 7)) % 256}.${1 + (visitor % 127)}`;
}
