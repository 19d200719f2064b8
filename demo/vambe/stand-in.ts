import { createHash, timingSafeEqual } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Hono } from "hono";
import { checked } from "./checked.ts";
import { createContacts, FIELDS, type FieldDefinition } from "./contacts.ts";
import { type Fault, MISSING_FIELD, RETRY_AFTER_SECONDS } from "./faults.ts";
import { createFeed } from "./feed.ts";
import { PIPELINES, TEAM } from "./lists.ts";
import { readJson } from "./read-json.ts";
import { Refusal } from "./refusal.ts";
import { createRelatedRoutes } from "./related-routes.ts";
import { missingForChannel, type UpsertRequest, upsertRequest } from "./upsert-request.ts";
import { createView } from "./view.ts";
import { createWebchatRoutes } from "./webchat/routes.ts";
import { createWebchat } from "./webchat/sessions.ts";
import type { Tickets } from "./webchat/tickets.ts";

export const UPSERT_PATH = "/api/public/customer/upsert/info";

export interface StandInOptions {
  apiKey: string;
  /** The custom fields that exist (default: `FIELDS`). */
  fields?: readonly FieldDefinition[];
  /**
   * The site: its pages may look in, turn the faults on and off, delete a customer, and have the webchat. Without
   * it, there is only the contract.
   */
  viewOrigin?: string;
  /** The webchat's *JWT Secret*: with one, the chat is secured from the start. */
  webchatSecret?: string;
  /** The webchat's *Campo del ID de usuario en el token* (default: `sub`). */
  webchatIdClaim?: string;
  /** What the channel's customers wrote about before. */
  tickets?: Tickets;
  /** The organization's own numbers on WhatsApp (default: whatever number is named). */
  senders?: readonly string[];
  /** How long the fault `slow` takes, in milliseconds (default: 8000). */
  slowness?: number;
}

/** Stands in for Vambe: the API's routes that the exchange uses, which keep the published contract, the webchat, and a window to watch. */
export function createVambeStandIn({
  apiKey,
  fields = FIELDS,
  viewOrigin,
  webchatSecret,
  webchatIdClaim = "sub",
  tickets = {},
  senders,
  slowness = 8000,
}: StandInOptions) {
  const contacts = createContacts(fields, organizationOf(apiKey));
  const feed = createFeed();
  const webchat = createWebchat({
    secret: webchatSecret,
    idClaim: webchatIdClaim,
    tickets,
    contacts: contacts.list,
    changed: feed.changed,
  });
  let fault: Fault = "normal";
  let validKeys: readonly string[] = [apiKey];

  const checkKey = (given: string | undefined) => {
    if (fault === "key" || !validKeys.some((key) => sameText(given ?? "", key))) {
      throw new Refusal(401, "Unauthorized. Invalid API key.");
    }
  };

  const checkFields = (body: UpsertRequest) => {
    const known = fields.map(({ key }) => key).filter((key) => fault !== "field" || key !== MISSING_FIELD);
    const missing = (body.custom_field_values ?? []).map(({ key }) => key).filter((k) => !known.includes(k));
    if (missing.length > 0) {
      throw new Refusal(400, `Custom field definition keys not found: ${[...new Set(missing)].join(", ")}`);
    }
    for (const { key, value } of body.custom_field_values ?? []) {
      const options = fields.find((field) => field.key === key)?.options;
      if (value && options && !options.includes(value))
        throw new Refusal(400, `Custom field ${key}: "${value}" is not one of its options`);
    }
  };

  /** What goes wrong with any call, whatever it asks. */
  const stumble = async () => {
    if (fault === "down") throw new Refusal(500, "Internal server error");
    if (fault === "quota") {
      throw new Refusal(429, "Too Many Requests", { "Retry-After": String(RETRY_AFTER_SECONDS) });
    }
    if (fault === "slow") await wait(slowness);
  };

  /** Everything is checked before anything is written: an upsert that is refused leaves no half of a contact. */
  const upsert = async (key: string | undefined, body: unknown): Promise<Response> => {
    await stumble();
    checkKey(key);
    const request = checked(upsertRequest, body);
    const missing = missingForChannel(request);
    if (missing.length > 0) {
      throw new Refusal(400, `Missing required fields for ${request.channel}: ${missing.join(", ")}`);
    }
    const sender = request.channel_phone_number;
    if (sender !== undefined && senders && !senders.includes(sender)) {
      throw new Refusal(400, `No ${request.channel} channel with the phone number ${sender}`);
    }
    checkFields(request);
    return Response.json(contacts.upsert(request), { status: 201 });
  };

  const app = new Hono();

  app.post(UPSERT_PATH, async (c) => {
    const body = await readJson(c.req.raw);
    const settle = feed.arrived(body, c.req.raw.signal);
    const answer = await upsert(c.req.header("x-api-key"), body).catch((error: unknown) => {
      if (error instanceof Refusal) return error;
      throw error;
    });
    settle(answer.status, answer instanceof Refusal ? answer.message : undefined);
    return answer instanceof Refusal ? answer.toResponse() : answer;
  });

  for (const [path, list] of Object.entries({
    "/api/public/pipeline": PIPELINES,
    "/api/public/team-members/all": TEAM,
  })) {
    app.get(path, async (c) => {
      await stumble();
      checkKey(c.req.header("x-api-key"));
      return c.json(list);
    });
  }
  app.route("/", createRelatedRoutes(contacts, { stumble, checkKey, changed: feed.changed }));
  app.onError((error) => {
    if (error instanceof Refusal) return error.toResponse();
    throw error;
  });

  const standIn = {
    fetch: app.fetch,
    contacts: () => contacts.list(),
    /** Keys of the custom fields whose value names one customer. */
    identifiers: fields.filter(({ identifier }) => identifier).map(({ key }) => key),
    /** As somebody does in Vambe's dashboard. @returns whether there was such a customer */
    deleteCustomer(id: string): boolean {
      const found = contacts.deleteCustomer(id);
      feed.changed();
      return found;
    },
    upserts: () => feed.list(),
    fault: () => fault,
    setFault(next: Fault) {
      fault = next;
      feed.changed();
    },
    /** The account gets a new key. The one before is valid no more, unless it is named too. */
    setApiKey(...valid: readonly string[]) {
      validKeys = valid;
    },
    chatSessions: webchat.sessions,
    chatSecured: webchat.secured,
    /** Vambe's option “Autenticar usuarios con JWT”. Sessions that are open stay open. */
    setSecured: webchat.setSecured,
    /** Vambe's dialog gets another *JWT Secret*, and the one before is valid no more. */
    setWebchatSecret: webchat.setSecret,
    /** Calls back after everything that changes what there is to see; returns how to stop it. */
    watch: feed.watch,
  };

  if (viewOrigin) {
    app.route("/", createView(standIn, viewOrigin));
    app.route("/", createWebchatRoutes(webchat, viewOrigin));
  }
  app.notFound((c) => new Refusal(404, `Cannot ${c.req.method} ${c.req.path}`).toResponse());
  return standIn;
}

export type VambeStandIn = ReturnType<typeof createVambeStandIn>;

/** The account's own id: the same each time that it is started. */
const organizationOf = (apiKey: string): string => {
  const digest = createHash("sha256").update(apiKey).digest("hex");
  return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, "$1-$2-4$3-8$4-$5");
};

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
