import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { createExchangeProcess } from "./exchange.ts";
import { openPort } from "./port.ts";
import { createSite } from "./site/site.ts";
import { FIELDS } from "./vambe/contacts.ts";
import { createVambeStandIn } from "./vambe/stand-in.ts";
import { createTickets } from "./vambe/webchat/tickets.ts";

/** Brújula's own number on WhatsApp. */
const WHATSAPP_PHONE = "+551130000000";

/** What Vambe's dashboard has for the plan. The site has one plan more. */
const PLAN_OPTIONS = ["free", "pro", "enterprise"];

export const DEFAULT_PORTS = { site: 4173, exchange: 8787, vambe: 8788 };

export interface DemoOptions {
  /** Wanted ports; the next free one is taken where one is not, and 0 takes any. */
  ports?: typeof DEFAULT_PORTS;
  /** Path of the exchange's SQLite file (default: a new one, gone at the end). */
  database?: string;
  log?: (line: string) => void;
}

/** Starts the site, the exchange and the stand-in for Vambe, each on a port and so on an origin of its own. */
export async function startDemo({ ports = DEFAULT_PORTS, database, log = () => {} }: DemoOptions = {}) {
  const sitePort = await openPort(ports.site);
  const vambePort = await openPort(ports.vambe);
  const exchangePort = await openPort(ports.exchange);
  const folder = database ? null : await mkdtemp(join(tmpdir(), "vambe-identity-demo-"));

  const secrets = {
    apiKey: `demo-${randomBytes(24).toString("hex")}`,
    identitySecret: randomBytes(32).toString("base64url"),
    webchatSecret: randomBytes(32).toString("base64url"),
    channelId: randomUUID(),
  };

  const vambe = createVambeStandIn({
    apiKey: secrets.apiKey,
    fields: FIELDS.map((field) => (field.key === "plan" ? { ...field, options: PLAN_OPTIONS } : field)),
    viewOrigin: sitePort.url,
    webchatSecret: secrets.webchatSecret,
    tickets: createTickets(),
    senders: [WHATSAPP_PHONE],
  });
  const databaseUrl = `file:${database ?? join(folder ?? "", "exchange.db")}`;
  const exchange = createExchangeProcess({
    url: exchangePort.url,
    onDeath: log,
    environment: () => ({
      VAMBE_API_KEY: secrets.apiKey,
      VAMBE_API_URL: vambePort.url,
      VAMBE_CHANNEL_ID: secrets.channelId,
      VAMBE_IDENTITY_SECRET: secrets.identitySecret,
      ...(vambe.chatSecured() && { VAMBE_WEBCHAT_SECRET: secrets.webchatSecret }),
      VAMBE_ALLOWED_ORIGINS: sitePort.url,
      VAMBE_PUBLIC_URL: exchangePort.url,
      VAMBE_FIELDS: "id:user_id,plan,company.name:company_name",
      VAMBE_WHATSAPP_PHONE: WHATSAPP_PHONE,
      VAMBE_PHONE_COUNTRY: "BR",
      VAMBE_DATABASE_URL: databaseUrl,
      HOST: "127.0.0.1",
      PORT: String(exchangePort.port),
    }),
  });

  let turn: Promise<void> = Promise.resolve();
  /** Vambe's option and the exchange's setting belong together. One change after the other. */
  const setChatSecured = (secured: boolean): Promise<void> => {
    turn = turn
      .catch(() => {})
      .then(() => {
        vambe.setSecured(secured);
        return exchange.restart();
      });
    return turn;
  };
  const site = createSite({
    url: sitePort.url,
    exchangeUrl: exchangePort.url,
    vambeUrl: vambePort.url,
    identitySecret: secrets.identitySecret,
    chat: { secured: vambe.chatSecured, setSecured: setChatSecured },
    resendAll: () => runCommand(["outbox", "resend", "--all"], { VAMBE_DATABASE_URL: databaseUrl }),
  });

  const close = async () => {
    await exchange.stop();
    await Promise.all([sitePort.close(), vambePort.close()]);
    if (folder) await rm(folder, { recursive: true, force: true });
  };

  vambePort.serve(vambe.fetch);
  sitePort.serve(site.fetch);
  await exchangePort.close(); // the port was only held for the process that takes it now
  try {
    await exchange.start();
  } catch (error) {
    await close();
    throw error;
  }

  return {
    siteUrl: sitePort.url,
    exchangeUrl: exchangePort.url,
    vambeUrl: vambePort.url,
    secrets,
    vambe,
    /** Everything that the exchange has printed, in chunks as they came. */
    logs: exchange.logs,
    killExchange: exchange.kill,
    restartExchange: exchange.restart,
    setChatSecured,
    close,
  };
}

export type Demo = Awaited<ReturnType<typeof startDemo>>;
