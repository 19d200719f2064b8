import { basename } from "node:path";
import { afterAll, expect } from "vitest";
import { run } from "../packages/packed.ts";
import { startBalancer } from "../support/balancer.ts";
import { eventually } from "../support/eventually.ts";
import { startNginx } from "../support/nginx.ts";
import { createPage } from "../support/page.ts";
import { reasonToSkip } from "../support/programs.ts";
import { signProof } from "../support/proofs.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startVambe } from "../support/vambe.ts";
import { freshSettings } from "../support/world.ts";
import { recipes } from "./document.ts";
import { type Host, type HostOptions, startHost } from "./host.ts";
import { PRESENT, packVersion, type Version } from "./package-of.ts";
import { type Performance, perform } from "./perform.ts";
import {
  type Answer,
  ORIGIN,
  type Traits,
  type Visitor,
  verifyToken,
  visit,
  visitWithWidget,
} from "./visitors.ts";

const VISITORS = ["visitor-1", "visitor-2", "visitor-3"];
const PATIENCE_MS = 120_000;

export interface SiteOptions {
  /** How many; more than one have nginx in front of them where it is there, and a balancer in small where not. */
  instances?: number;
  settings?: Record<string, string>;
  /** Pages whose visitors have the widget, and so wait for an exchange that is stopped. */
  withWidget?: boolean;
  evidenceFor?: (id: string) => { user_hash: string };
  answered?: (answer: Answer) => void;
  /** The webchat is secured with it, at Vambe. */
  webchatSecret?: string;
  /** Further files beside the settings. */
  secrets?: Record<string, string>;
  prepare?: HostOptions["prepare"];
  /** Tokens of before may stop verifying meanwhile; those that pages have in the end hold. */
  newKeys?: boolean;
}

export type OperatedSite = Awaited<ReturnType<typeof openSite>>;

/** A site whose visitors come and come again, with its exchange on machines of its own, and Vambe behind them. */
export async function openSite(options: SiteOptions = {}) {
  const { instances = 1, settings, withWidget = instances === 1, evidenceFor, answered } = options;
  const { webchatSecret, secrets, prepare, newKeys = false } = options;
  await using opened = new AsyncDisposableStack();
  const folder = opened.adopt(temporaryFolder(), (used) => used.remove());
  const fresh = freshSettings();
  /** What is changed elsewhere than at the exchange. */
  const backend = { secret: fresh.secret, channelId: fresh.options.channelId };
  const vambe = opened.use(
    await startVambe({ apiKey: fresh.apiKey, viewOrigin: ORIGIN, ...(webchatSecret && { webchatSecret }) }),
  );
  const installed = await presentInstalled();
  const hosts: Host[] = [];
  for (let number = 1; number <= instances; number++) {
    const host = await startHost({
      folder: folder.file(`host-${number}`),
      backups: folder.path,
      installed,
      ...(prepare && { prepare }),
      settings: {
        ...withoutSecrets(fresh.environment),
        VAMBE_API_KEY_FILE: "/etc/vambe-identity/api-key",
        VAMBE_IDENTITY_SECRET_FILE: "/etc/vambe-identity/identity-secret",
        VAMBE_API_URL: vambe.url,
        VAMBE_ALLOWED_ORIGINS: ORIGIN,
        VAMBE_PUBLIC_URL: "https://id.example.com",
        VAMBE_DATABASE_URL: "file:/var/lib/vambe-identity/exchange.db",
        ...settings,
      },
      secrets: { "api-key": fresh.apiKey, "identity-secret": fresh.secret, ...secrets },
    });
    hosts.push(opened.use(host));
  }
  const [first] = hosts;
  if (!first) throw new Error("a site has an instance at least");
  for (const { service } of hosts) service.start();
  for (const host of hosts) await isUp(host);
  const ports = hosts.map(({ port }) => port);
  const startProxy = reasonToSkip("nginx", "-v") ? startBalancer : startNginx;
  const url = instances > 1 ? opened.use(await startProxy(ports)).url : `http://127.0.0.1:${first.port}`;

  const site = {
    url,
    answered,
    verifies: !newKeys,
    evidenceFor: (id: string, traits: Traits) =>
      evidenceFor?.(id) ?? { proof: signProof(backend.secret, id, { ...traits }) },
  };
  const visitors: Visitor[] = [];
  for (const id of VISITORS) visitors.push(withWidget ? await visitWithWidget(site, id) : visit(site, id));
  const kept = opened.move();

  const planAtVambe = (id: string) =>
    vambe.standIn
      .contacts()
      .find((contact) => contact.external_user_id === id && contact.channel_id === backend.channelId)?.fields
      .plan;

  return {
    apiKey: fresh.apiKey,
    channelId: fresh.options.channelId,
    hosts,
    first,
    vambe,
    backend,
    url,
    /** A page of the site, whose visitor comes once. @returns the status that the page is told */
    signIn: async (id: string, traits: Traits) => {
      const { proof } = { proof: undefined, ...site.evidenceFor(id, traits) };
      return (await createPage(url, ORIGIN).identify({ id }, proof)).identity().status;
    },
    /** Does a recipe of the document. */
    perform: (title: string, performance: Omit<Performance, "recipe" | "hosts"> = {}) => {
      const recipe = recipes.get(title);
      if (!recipe) throw new Error(`docs/operations.md has no recipe "${title}"`);
      return perform({ recipe, hosts, ...performance });
    },
    /** Puts a version where the recipe for an update looks for its file. */
    offer: async (version: Version) => {
      const tarball = await packVersion(folder.path, version);
      for (const host of hosts) run("cp", [tarball, host.paths["/opt/vambe-identity"]], folder.path);
    },
    /** Every visitor has come, and come again. */
    visited: async () => {
      const before = visitors.map((visitor) => visitor.answered());
      await eventually(
        "every visitor has come again",
        () => visitors.every((visitor, at) => visitor.answered() > (before[at] ?? 0) + 2),
        { withinMs: PATIENCE_MS },
      );
    },
    /** Nobody was refused, Vambe has what everybody said last, and every token holds. */
    nobodyIsLost: async () => {
      const outcomes = await Promise.all(visitors.map((visitor) => visitor.leave()));
      expect(outcomes.flatMap(({ refused }) => refused)).toEqual([]);
      for (const { id, newest } of outcomes)
        await eventually(`Vambe has ${id}'s ${newest.plan}`, () => planAtVambe(id) === newest.plan, {
          withinMs: PATIENCE_MS,
        }).catch((error) => {
          throw new Error(`${error.message}, but ${planAtVambe(id)}`);
        });
      for (const { id, token } of outcomes) await verifyToken(url, { id, token });
      return { unanswered: outcomes.reduce((sum, { unanswered }) => sum + unanswered, 0) };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const withoutSecrets = ({
  VAMBE_API_KEY: _key,
  VAMBE_IDENTITY_SECRET: _secret,
  ...others
}: ReturnType<typeof freshSettings>["environment"]) => others;

async function isUp({ service }: Host): Promise<void> {
  await eventually(
    "the exchange is up",
    () => service.output().includes('"event":"listening"') || ended(service),
    {
      withinMs: PATIENCE_MS,
    },
  );
  if (ended(service)) throw new Error(`the exchange has ended:\n${service.output()}`);
}

const ended = ({ exitCode }: Host["service"]) => typeof exitCode === "number";

let installed: Promise<string> | undefined;
const packages = temporaryFolder();
afterAll(() => packages.remove());

/** This version as its tarball unpacks it, once for all sites. */
const presentInstalled = () => (installed ??= install(packages.path, PRESENT));

async function install(into: string, version: Version): Promise<string> {
  const tarball = basename(await packVersion(into, version));
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${tarball}`], into);
  return into;
}
