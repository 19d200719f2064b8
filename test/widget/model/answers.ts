import { identified, problem } from "../stand-in-exchange.ts";

export const VERDICTS = [
  "delivered",
  "queued",
  "refused",
  "expired",
  "of another",
  "no answer",
  "lost",
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What `fetch` gives for an answer of the exchange, or for a page that somebody else has put in its place. */
export function responseFor(verdict: Exclude<Verdict, "lost">, id: string): unknown {
  const { status = 200, body } =
    verdict === "delivered" || verdict === "queued"
      ? identified(id, { status: verdict })
      : verdict === "refused"
        ? problem("proof-claims", 401)
        : verdict === "expired"
          ? problem("proof-expired", 401)
          : verdict === "of another"
            ? problem("proof-other-user", 403)
            : {};
  return {
    status,
    ok: status < 300,
    headers: { get: () => null },
    json: async () => {
      if (body === undefined) throw new SyntaxError("Unexpected token '<'");
      return body;
    },
  };
}
