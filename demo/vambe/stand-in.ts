import { createHash, timingSafeEqual } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Hono } from "hono";
import { createContacts, FIELDS, type FieldDefinition } from "./contacts.ts";
import { type Fault, MISSING_FIELD, RETRY_AFTER_SECONDS } from "./faults.ts";
import { createFeed } from "./feed.ts";
import { Refusal } from "./refusal.ts";
import { missingForChannel, type UpsertRequest, upsertRequest } from "./upsert-request.ts";
import { createView } from "./view.ts";

export const UPSERT_PATH = "/api/public/customer/upsert/info";

export interface StandInOptions {
  apiKey: string;
  /** The custom fields that exist (default: `FIELDS`). */
  fields?: readonly FieldDefinition[];
  /** The page that may look in and turn the faults on and off. Without it, there is only the contract. */
  viewOrigin?: string;
  /** How long the fault `slow` takes, in milliseconds (default: 8000). */
  slowness?: number;
}

/** Stands in for Vambe's API: one route that keeps the published contract, and a window to watch it through. */
export function createVambeStandIn({ apiKey, fields = FIELDS, viewOrigin, slowness = 8000 }: StandInOptions) {
  const contacts = createContacts(fields);
  const feed = createFeed();
  let fault: Fault = "normal";

  const checkKey = (given: string | undefined) => {
    if (fault === "key" || !sameText(given ?? "", apiKey)) {
      throw new Refusal(401, "Unauthorized. Invalid API key.");
    }
  };

  const checkFields = (body: UpsertRequest) => {
    const known = fields.map(({ key }) => key).filter((key) => fault !== "field" || key !== MISSING_FIELD);
    const missing = (body.custom_field_values ?? []).map(({ key }) => key).filter((k) => !known.includes(k));
    if (missing.length > 0) {
      throw new Refusal(400, `Custom field definition keys not found: ${[...new Set(missing)].join(", ")}`);
    }
  };

  /** Everything is checked before anything is written: an upsert that is refused leaves no half of a contact. */
  const upsert = async (key: string | undefined, body: unknown): Promise<Response> => {
    if (fault === "down") throw new Refusal(500, "Internal server error");
    if (fault === "quota") {
      throw new Refusal(429, "Too Many Requests", { "Retry-After": String(RETRY_AFTER_SECONDS) });
    }
    if (fault === "slow") await wait(slowness);
    checkKey(key);
    const parsed = upsertRequest.safeParse(body);
    if (!parsed.success) throw new Refusal(400, parsed.error.issues.map(inWords).join("; "));
    const missing = missingForChannel(parsed.data);
    if (missing.length > 0) {
      throw new Refusal(400, `Missing required fields for ${parsed.data.channel}: ${missing.join(", ")}`);
    }
    checkFields(parsed.data);
    return Response.json(contacts.upsert(parsed.data), { status: 201 });
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

  const standIn = {
    fetch: app.fetch,
    contacts: () => contacts.list(),
    upserts: () => feed.list(),
    fault: () => fault,
    setFault(next: Fault) {
      fault = next;
      feed.changed();
    },
    /** Calls back after everything that changes what there is to see; returns how to stop it. */
    watch: feed.watch,
  };

  if (viewOrigin) app.route("/", createView(standIn, viewOrigin));
  app.notFound((c) => new Refusal(404, `Cannot ${c.req.method} ${c.req.path}`).toResponse());
  return standIn;
}

export type VambeStandIn = ReturnType<typeof createVambeStandIn>;

/** As Nest's body parser has it: what is not sent as JSON is not there, what is not JSON is a mistake. */
async function readJson(request: Request): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) return {};
  try {
    return JSON.parse(await request.text());
  } catch {
    return undefined;
  }
}

function inWords(issue: { path: PropertyKey[]; message: string }): string {
  return issue.path.length > 0 ? `${issue.path.join(".")}: ${issue.message}` : issue.message;
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
