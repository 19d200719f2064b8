import { randomBytes, randomUUID } from "node:crypto";
import type { StandInOptions } from "../../demo/vambe/stand-in.ts";
import {
  type Ending,
  type Environment,
  type ExchangeProcess,
  runExchange,
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
  phone?: unknown;
  company?: unknown;
  fields?: unknown;
}

/** One more exchange, and a page of the site in front of it. */
export interface Instance extends ExchangeProcess {
  page: Page;
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
  /** Beside the first exchange, with the same settings, `changes` aside. */
  startAnother(changes?: Environment): Promise<Instance>;
  /** Runs a command that knows the database, and of the other settings what `environment` says. */
  command(args: string[], environment?: Environment): Promise<Ending>;
}

export interface WorldOptions {
  environment?: Environment;
  vambe?: Partial<StandInOptions>;
  /** Instead of the stand-in. */
  apiUrl?: string;
  surroundings?: Surroundings;
}

/** What a site sets: a key, a secret and a channel of its own, no limit that a test meets, and nobody at Vambe's. */
export function freshSettings() {
  const apiKey = `key-${randomBytes(16).toString("hex")}`;
  const secret = `secret-${randomBytes(24).toString("hex")}`;
  const channelId = randomUUID();
  const apiUrl = "http://127.0.0.1:9";
  return {
    apiKey,
    secret,
    /** For `createExchange`. */
    options: {
      apiKey,
      apiUrl,
      channelId,
      identitySecrets: [secret],
      allowedOrigins: [ORIGIN],
      publicUrl: "https://id.example.com",
      databaseUrl: "memory:",
      maxRate: 1000,
      rateLimit: 0,
    },
    /** For a process. */
    environment: {
      VAMBE_API_KEY: apiKey,
      VAMBE_API_URL: apiUrl,
      VAMBE_CHANNEL_ID: channelId,
      VAMBE_IDENTITY_SECRET: secret,
      VAMBE_ALLOWED_ORIGINS: ORIGIN,
      VAMBE_DATABASE_URL: "memory:",
      VAMBE_MAX_RATE: "1000",
      VAMBE_RATE_LIMIT: "0",
    },
  };
}

/** A site's page, the real exchange in a process of its own with a database file, and a stand-in for Vambe. */
export async function startWorld({
  environment,
  vambe: vambeOptions,
  apiUrl,
  surroundings,
}: WorldOptions = {}): Promise<World> {
  const { apiKey, secret, options, environment: fresh } = freshSettings();
  const folder = temporaryFolder();
  const database = folder.file("exchange.db");
  const vambe = await startVambe({ apiKey, ...vambeOptions });
  const settings = {
    ...fresh,
    VAMBE_API_URL: apiUrl ?? vambe.url,
    VAMBE_DATABASE_URL: `file:${database}`,
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
    channelId: options.channelId,
    proofFor,
    signIn: (id, traits = {}, overrides = {}) =>
      page.identify({ id, ...traits }, proofFor(id, { ...traits }), overrides),
    startAnother: async (changes) => {
      const another = await startExchange({ ...settings, ...changes });
      return { ...another, page: createPage(another.url, ORIGIN) };
    },
    command: (args, more) => runExchange({ VAMBE_DATABASE_URL: `file:${database}`, ...more }, args),
    [Symbol.asyncDispose]: async () => {
      await exchange[Symbol.asyncDispose]();
      await vambe[Symbol.asyncDispose]();
      folder.remove();
    },
  };
}
