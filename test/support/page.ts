import type { IdentifyAnswer, ProblemBody } from "../../server/protocol.ts";
import { type RawAnswer, type RawRequest, rawRequest } from "./raw-request.ts";
import { checkItSaysWhy } from "./refusal.ts";

export interface PageAnswer extends RawAnswer {
  /** The body of a 200. Throws on any other answer, showing it. */
  identity(): IdentifyAnswer;
  /** The body of a problem. Throws on anything else, showing it, and where it does not say what is wrong. */
  problem(): ProblemBody & { slug: string };
}

export interface Overrides extends RawRequest {
  /** Instead of `{ user, proof }`. */
  json?: unknown;
}

export type Page = ReturnType<typeof createPage>;

/** A page of an origin, in front of an exchange: sends what a browser would, unless told otherwise. */
export function createPage(url: string, origin: string) {
  const answers: string[] = [];

  async function identify(user: unknown, proof?: unknown, overrides: Overrides = {}): Promise<PageAnswer> {
    const { json = { user, proof }, headers, ...rest } = overrides;
    return send("/identify", {
      method: "POST",
      headers: headers ?? { origin, "content-type": "application/json" },
      body: JSON.stringify(json),
      ...rest,
    });
  }

  async function send(path: string, request: RawRequest): Promise<PageAnswer> {
    const answer = await rawRequest(url + path, request);
    answers.push(`${answer.status} ${JSON.stringify(answer.headers)} ${answer.text}`);
    return { ...answer, identity: () => identityOf(answer), problem: () => problemOf(answer) };
  }

  return {
    identify,
    send,
    /** All that the exchange has sent to this page, headers included. */
    received: () => answers.join("\n"),
  };
}

function identityOf({ status, text }: RawAnswer): IdentifyAnswer {
  if (status !== 200) throw new Error(`not identified: ${status} ${text}`);
  return JSON.parse(text);
}

function problemOf({ status, headers, text }: RawAnswer): ProblemBody & { slug: string } {
  if (headers["content-type"] !== "application/problem+json")
    throw new Error(`not a problem: ${status} ${text}`);
  const body: ProblemBody = JSON.parse(text);
  checkItSaysWhy(body);
  return { ...body, slug: body.type.replace(/^.*\/problems\//, "") };
}
