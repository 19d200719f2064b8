import { setTimeout as sleep } from "node:timers/promises";
import { createLocalJWKSet, jwtVerify } from "jose";
import { eventually } from "../support/eventually.ts";
import { createPage } from "../support/page.ts";
import { rawRequest } from "../support/raw-request.ts";
import { openPage, startExchange as serveWidget } from "../widget/page.ts";

/** Where all pages of the site are. */
export const ORIGIN = "http://shop.example.com";

/** Between two visits of one visitor, in milliseconds: others want the machine too. */
const REST_MS = 200;
/** The widget tries again after up to some minutes, the longer the more often it has failed. */
const PATIENCE_MS = 300_000;

export interface Traits {
  name: string;
  plan: string;
}

export interface Site {
  url: string;
  /** What the site's backend puts into the page beside the traits. */
  evidenceFor(id: string, traits: Traits): { proof: string } | { user_hash: string };
  /** Whether every token has to hold when it comes. */
  verifies: boolean;
  /** Told of each answer. */
  answered?: ((answer: Answer) => void) | undefined;
}

/** What an identify has come to. */
export interface Answer {
  id: string;
  token: string;
  webchatToken?: string | undefined;
}

export interface Outcome {
  id: string;
  visits: number;
  /** What the visitor said last. */
  newest: Traits;
  /** Answers other than 200, and tokens that did not verify. */
  refused: string[];
  /** Visits that found nobody at first. */
  unanswered: number;
  /** Of the last answer. */
  token: string;
}

export interface Visitor {
  /** How many of its visits have been answered. */
  answered(): number;
  /** Comes once more, and then no more. */
  leave(): Promise<Outcome>;
}

/** One visit: says this of itself until the site knows it. */
type Visit = (traits: Traits, outcome: Outcome) => Promise<Answer>;

/** A page of the site that asks each time on a connection of its own, and never a second time. */
export function visit(site: Site, id: string): Visitor {
  const page = createPage(site.url, ORIGIN);
  return keepVisiting(site, id, async (traits, outcome) => {
    const { proof, ...user } = { proof: undefined, ...site.evidenceFor(id, traits) };
    const answer = await page.identify({ id, ...traits, ...user }, proof);
    if (answer.status !== 200) outcome.refused.push(`${answer.status} ${answer.text.slice(0, 300)}`);
    const { token = "", webchat_token: webchatToken } = answer.status === 200 ? answer.identity() : {};
    return { id, token, webchatToken };
  });
}

/** A page with the widget in it, which tries again by itself where it finds nobody. */
export async function visitWithWidget(site: Site, id: string): Promise<Visitor> {
  // A browser asks an exchange for the widget's parts as it is; happy-dom asks first whether it may.
  const files = await serveWidget();
  const page = await openPage(files, { tag: { "data-server": site.url } });
  const visitor = keepVisiting(site, id, async (traits, outcome) => {
    const before = page.events.length;
    const getProof = async () => {
      const evidence = site.evidenceFor(id, traits);
      return "proof" in evidence ? evidence.proof : "";
    };
    const identity = await page.identify({ id, ...traits }, { getProof }).catch((error) => {
      // What may pass by itself, as the widget sees it.
      if (![undefined, 502, 503, 504].includes(error.status)) outcome.refused.push(error.code);
      outcome.unanswered += 1;
      return undefined;
    });
    await eventually(
      `${id} is identified without anybody's doing`,
      () => page.events.slice(before).some(([type]) => type === "vambe:identified"),
      { withinMs: PATIENCE_MS, everyMs: 100 },
    );
    return { id, token: identity?.token ?? page.identify.current?.token ?? "" };
  });
  return {
    ...visitor,
    leave: async () => {
      const outcome = await visitor.leave();
      await page[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
      return outcome;
    },
  };
}

function keepVisiting(site: Site, id: string, visit: Visit): Visitor {
  const outcome: Outcome = {
    id,
    visits: 0,
    newest: { name: "", plan: "" },
    refused: [],
    unanswered: 0,
    token: "",
  };
  let isOver = false;
  const once = async () => {
    const number = outcome.visits + 1;
    const traits = { name: `Name ${number}`, plan: `plan ${number}` };
    const answer = await visit(traits, outcome);
    Object.assign(outcome, { visits: number, newest: traits, token: answer.token });
    if (!answer.token) return;
    site.answered?.(answer);
    if (site.verifies)
      await verifyToken(site.url, answer).catch((error) => outcome.refused.push(`its token: ${error}`));
  };
  const visits = (async () => {
    for (; !isOver; await sleep(REST_MS)) await once();
  })();
  visits.catch(() => {});
  return {
    answered: () => outcome.visits,
    leave: async () => {
      isOver = true;
      await visits;
      await once();
      return outcome;
    },
  };
}

/** As whoever gets a token from a page would: with the keys that the exchange publishes. Nobody at home says nothing. */
export async function verifyToken(url: string, { id, token }: Pick<Answer, "id" | "token">): Promise<void> {
  const published = await rawRequest(`${url}/.well-known/jwks.json`).catch(() => undefined);
  if (published?.status !== 200) return;
  const { payload } = await jwtVerify(token, createLocalJWKSet(JSON.parse(published.text)), {
    issuer: "https://id.example.com",
    audience: ORIGIN,
  });
  if (payload.sub !== id) throw new Error(`it is ${payload.sub}'s`);
}
