import type { Identified } from "../identify.ts";
import type { Log, LogFields } from "../log.ts";
import type { Tell } from "../observer.ts";
import { Problem } from "../problems.ts";
import type { Settings } from "../settings/check-settings.ts";
import { cameFrom, wideNetwork } from "./admission/came-from.ts";
import type { Answer, Call } from "./call.ts";
import { AllowedOrigins } from "./cors.ts";
import { originOf, problemAnswer, problemLogFields } from "./problem-answer.ts";
import { transportSecurity } from "./transport-security.ts";

/** On every answer that is made for one caller. */
export const PRIVATE = { "cache-control": "no-store", vary: "Origin" };

/** On every answer to a call. */
export const always = (call: Call) => ({ "x-content-type-options": "nosniff", "x-request-id": call.id });

/** The part of a call that stands in each of its log lines. */
export const about = (call: Call) => ({
  request_id: call.id,
  method: call.method,
  route: call.path.slice(0, 64),
  duration_ms: Math.round(performance.now() - call.startedAt),
});

/** What the answers to pages have in common, the errors included. */
export class PageAnswers {
  readonly origins: AllowedOrigins;
  /** Headers of every answer, whatever it is. */
  readonly onEvery: Readonly<Record<string, string>>;
  readonly #settings: Pick<Settings, "publicUrl" | "trustProxy">;
  readonly #log: Log;
  readonly #tell: Pick<Tell, "identified">;

  constructor(settings: Settings, log: Log, tell: Pick<Tell, "identified">) {
    this.origins = new AllowedOrigins(settings.allowedOrigins, takesCookies(settings));
    this.onEvery = transportSecurity(settings.publicUrl);
    this.#settings = settings;
    this.#log = log;
    this.#tell = tell;
  }

  /** Headers of every answer to a page that identifies somebody. */
  headersFor(call: Call): Record<string, string> {
    return { ...always(call), ...PRIVATE, ...this.origins.headersFor(call) };
  }

  /** The answer to whatever was thrown, which is noted in the log. */
  toError(call: Call, error: unknown): Answer {
    if (error instanceof Problem) {
      if (error.slug !== "not-found") this.noteRefused(call, problemLogFields(error));
      return this.#toProblem(call, error);
    }
    this.#log.error("internal error", { ...about(call), cause: error });
    return this.#toProblem(call, new Problem("internal-error", "Something went wrong in the exchange."));
  }

  /** Tells of somebody who was identified, the log too. @param audience the origin that the token is for */
  noteIdentified(call: Call, { answer, provenBy }: Identified, audience: string): void {
    const { status, user, actor } = answer;
    const { verified } = user;
    this.#tell.identified({
      origin: audience,
      provenBy,
      verified,
      delivery: status,
      acting: actor !== undefined,
      requestId: call.id,
    });
    this.#log.info("identified", {
      ...about(call),
      status: 200,
      delivery: status,
      verified,
      proven_by: provenBy,
      ...(actor && { acting: true }),
    });
  }

  /** The log line of a refusal: what, why, and from where as far as that names no person. */
  noteRefused(call: Call, fields: LogFields): void {
    const network = wideNetwork(cameFrom(call, this.#settings.trustProxy).network);
    this.#log.warn("refused", { ...about(call), ...fields, network, origin: originOf(call) });
  }

  #toProblem(call: Call, problem: Problem): Answer {
    return problemAnswer(problem, this.#settings.publicUrl, call.id, this.headersFor(call));
  }
}

/** Whether pages may send the visitor's cookies along: only where something here looks at them. */
const takesCookies = ({ sessionUrl, authenticate }: Settings) =>
  sessionUrl !== undefined || authenticate !== undefined;
