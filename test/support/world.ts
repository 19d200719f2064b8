import { randomBytes, randomUUID } from "node:crypto";
import type { StandInOptions } from "../../demo/vambe/stand-in.ts";
import {
  type Environment,
  type ExchangeProcess,
  type Surroundings,
  startExchange,
} from "./exchange-process.ts";
import { createPage, type Overrides, type Page, type PageAnswer } from "./page.ts";
import { signProof } from "./proofs.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";
import { type RunningVambe, startVambe } from "./vambe.ts";

export const ORIGIN = "https://shop.example.com";

/** What a site may say of a user beside the id. */
export interface ClaimedTraits {
  name?: unknown;
  email?: unknown;
  plan?: unknown;
  fields?: unknown;
}

export interface World extends AsyncDisposable {
  exchange: ExchangeProcess;
  vambe: RunningVambe;
  page: Page;
  folder: TemporaryFolder;
  database: string;
  apiKey: string;
  secret: string;
  channelId: string;
  proofFor(id: unknown, claims?: Record<string, unknown>, header?: Record<string, unknown>): string;
  /** The page identifies a user whose backend has signed all the traits. */
  signIn(id: string, traits?: ClaimedTraits, overrides?: Overrides): Promise<PageAnswer>;
}

export interface WorldOptions {
  environment?: Environment;
  vambe?: Partial<StandInOptions>;
  /** Instead of the stand-in. */
  apiUrl?: string;
  surroundings?: Surroundings;
}

/** A site's page, the real exchange in a process of its own with a database file, and a stand-in for Vambe. */
export async function startWorld({
  environment,
  vambe: options,
  apiUrl,
  surroundings,
}: WorldOptions = {}): Promise<World> {
  const apiKey = `key-${randomBytes(16).toString("hex")}`;
  const secret = `secret-${randomBytes(24).toString("hex")}`;
  const channelId = randomUUID();
  const folder = temporaryFolder();
  const database = folder.file("exchange.db");
  const vambe = await startVambe({ apiKey, ...options });
  const settings = {
    VAMBE_API_KEY: apiKey,
    VAMBE_API_URL: apiUrl ?? vambe.url,
    VAMBE_CHANNEL_ID: channelId,
    VAMBE_IDENTITY_SECRET: secret,
    VAMBE_ALLOWED_ORIGINS: ORIGIN,
    VAMBE_DATABASE_URL: `file:${database}`,
    VAMBE_MAX_RATE: "1000",
    VAMBE_RATE_LIMIT: "0",
    ...environment,
  };
  const exchange = await startExchange(settings, surroundings).catch(async (error) => {
    await vambe[Symbol.asyncDispose]();
    folder.remove();
    throw error;
  });
  const page = createPage(exchange.url, ORIGIN);
  const proofFor: World["proofFor"] = (id, claims, header) => signProof(secret, id, claims, header);

  return {
    exchange,
    vambe,
    page,
    folder,
    database,
    apiKey,
    secret,
    channelId,
    proofFor,
    signIn: (id, traits = {}, overrides = {}) =>
      page.identify({ id, ...traits }, proofFor(id, { ...traits }), overrides),
    [Symbol.asyncDispose]: async () => {
      await exchange[Symbol.asyncDispose]();
      await vambe[Symbol.asyncDispose]();
      folder.remove();
    },
  };
}
