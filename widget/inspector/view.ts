import type { DeliveryStatus } from "../../server/answers.ts";
import type { Call } from "../call.ts";
import type { State } from "../state.ts";
import type { IdentifyError } from "../types.ts";
import { fixFor, REASONS } from "./fixes.ts";
import type { Moment } from "./history.ts";
import { readProof } from "./proof.ts";
import { secretsOf, withoutSecrets } from "./secrets.ts";

export const LABELS = [
  "Exchange",
  "Id",
  "Traits",
  "Proof",
  "Faults",
  "Applied",
  "Token",
  "Webchat",
  "Request id",
] as const;
export type Fact = (typeof LABELS)[number];

/** All that the panel shows, in words. The panel gets nothing else, so it has no secret to lose. */
export interface View {
  tone: "idle" | "busy" | "good" | "wait" | "bad";
  state: string;
  /** What to do next, if nothing has happened yet. */
  hint?: string;
  facts: Partial<Record<Fact, string[]>>;
  error?: ErrorView;
  ignored: { trait: string; reason: string; fix: string }[];
  moments: (Omit<Moment, "at"> & { time: string })[];
}

export interface ErrorView {
  code: string;
  /** Whether somebody has been identified since. */
  passed: boolean;
  about: string;
  detail: string;
  fields: string[];
  fix: string;
  /** The page that says more. */
  link?: string;
  canRetry: boolean;
}

const STATES: Record<State["kind"], [View["tone"], string]> = {
  hidden: ["idle", "nobody"],
  working: ["busy", "identifying"],
  known: ["good", "known"],
  failed: ["bad", "failed"],
};

/** Known to the exchange, but not to Vambe. */
const TONES: Partial<Record<DeliveryStatus, View["tone"]>> = { queued: "wait", rejected: "bad" };

/** Any value as text, without secrets. */
type Clean = (text: unknown) => string;

export interface Seen {
  state: State;
  failure: { error: IdentifyError; passed: boolean } | undefined;
  moments: Moment[];
  server: string;
  /** Milliseconds since the epoch. */
  now: number;
}

export function view({ state, failure, moments, server, now }: Seen): View {
  const { kind, call } = state;

  const clean: Clean = (text) => withoutSecrets(`${text}`, secretsOf(call));
  const identity = call?.identity;
  const [tone, words] = STATES[kind];
  const { status } = (kind === "known" && identity) || {};
  return {
    tone: (status && TONES[status]) ?? tone,
    state: words + answered(state),
    ...(kind === "hidden" &&
      !failure && { hint: "Nobody is signed in. Call VambeIdentify({ id, proof }) after login." }),
    facts: {
      Exchange: [clean(server)],
      ...(call && { Id: [clean(call.id)] }),
      ...(call && factsOf(call, now, clean)),
    },
    ...(failure && { error: { ...errorView(failure.error, state, clean), passed: failure.passed } }),
    ignored: (identity?.ignored ?? []).map(({ trait, reason }) => ({
      trait: clean(trait),
      reason: clean(reason),
      fix: REASONS[reason] ?? "",
    })),
    moments: moments.map(({ at, ...moment }) => ({
      ...moment,
      time: moment.early ? "earlier" : clock(performance.timeOrigin + at, { fractionalSecondDigits: 3 }),
    })),
  };
}

function answered({ kind, call }: State): string {
  if (!call?.identity) return kind === "known" ? " from an earlier page" : "";
  const { status, verified, actor } = call.identity;
  return `, ${status}${verified ? "" : ", not verified"}${actor ? ", somebody acts for the user" : ""}`;
}

function factsOf(call: Call, now: number, clean: Clean): View["facts"] {
  const { identity, getProof } = call;
  const list = (names: string[], none: string) => [names.map(clean).join(", ") || none];
  return {
    Traits: list(namesOf(call.traits), "none"),
    ...proofFacts(call, now, clean),
    ...(identity?.actor && {
      Actor: [
        clean(identity.actor.id),
        "acts for the user: nothing is written, and the webchat gets no token",
      ],
    }),
    ...(identity && {
      Applied: list(identity.applied, "nothing but the id"),
      Token: [
        until(identity.expiresAt, now),
        getProof ? "renewed a minute before" : "not renewed: there is no getProof",
      ],
      ...webchatFacts(call, now),
      "Request id": [clean(identity.requestId)],
    }),
  };
}

/** That there is a token for the webchat, and until when. */
function webchatFacts({ webchatToken, id }: Call, now: number): View["facts"] {
  if (!webchatToken) return {};
  const { expiresAt } = readProof(webchatToken, id, now);
  return { Webchat: ["a token of its own", ...(expiresAt ? [until(expiresAt, now)] : [])] };
}

function proofFacts(call: Call, now: number, clean: Clean): View["facts"] {
  const { held, proof, getProof, traits, id, stop } = call;
  if (!held) {
    if (getProof && stop) return { Proof: ["waiting for getProof"] };
    if (JSON.parse(traits).user_hash) return { Proof: ["user_hash: it proves the id alone"] };
    return { Proof: ["none from the page; the visitor's session may be one"] };
  }
  const { kind, covers, expiresAt, faults } = readProof(`${held}`, id, now);
  return {
    Proof: [
      `${kind}, from ${held === proof ? "the page" : "getProof"}`,
      ...(expiresAt ? [until(expiresAt, now)] : []),
      ...(covers.length ? [`proves the id, ${covers.map(clean).join(", ")}`] : []),
    ],
    ...(faults.length && { Faults: faults }),
  };
}

/** Names of the traits that have a value, without the id and its proof. */
function namesOf(json: string): string[] {
  const { id, user_hash, fields, ...traits } = JSON.parse(json);
  const given = (all: object) =>
    Object.entries(all).flatMap(([name, value]) => (value == null ? [] : [name]));
  return [...given(traits), ...given(Object(fields)).map((name) => `fields.${name}`)];
}

function errorView(error: IdentifyError, { kind, call }: State, clean: Clean): Omit<ErrorView, "passed"> {
  const { code, status, type, requestId, detail, errors = [] } = error;
  const { name: cause } = Object(error.cause);
  return {
    code: clean(code),
    about: [status && `HTTP ${status}`, requestId && `request ${clean(requestId)}`]
      .filter(Boolean)
      .join(", "),
    detail: clean(detail) + (typeof cause === "string" ? ` It ended with ${clean(cause)}.` : ""),
    fields: errors.map((one) => clean(`${one.field} ${one.detail}`)),
    fix: fixFor(code, !!type),
    // Whoever answered may have sent any address, so only a web page becomes a link.
    ...(type && /^https?:/.test(type) && { link: clean(type) }),
    canRetry: kind === "failed" && !!call && !call.stop,
  };
}

/** Such as `expires in 9 min 40 s, at 12:30:01`. Both times are milliseconds since the epoch. */
function until(at: number, now: number): string {
  const seconds = Math.round(Math.abs(at - now) / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const span =
    hours > 48
      ? `${Math.floor(hours / 24)} days`
      : hours
        ? `${hours} h ${minutes} min`
        : minutes
          ? `${minutes} min ${seconds % 60} s`
          : `${seconds} s`;
  return at > now ? `expires in ${span}, at ${clock(at)}` : `expired ${span} ago, at ${clock(at)}`;
}

/** The time of day, in seconds or finer. */
function clock(at: number, finer: Intl.DateTimeFormatOptions = {}): string {
  const date = new Date(at);
  return Number.isNaN(+date)
    ? "no time"
    : date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", ...finer });
}
