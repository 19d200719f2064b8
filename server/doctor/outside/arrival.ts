import type { Settings } from "../../settings/check-settings.ts";
import { NotTold } from "../limits.ts";
import { isPage, leadsTo, type Reached, reach } from "../reach.ts";

/** What answers at the public URL, from here. */
export interface Arrival {
  url: string;
  /** Whether it is an exchange, where the exchange is looked for. */
  isExchange: boolean;
  /** If it is none: what answers in its place, and what to do. */
  says: string;
  remedy: string;
  tookMs: number;
}

/** Asks what no exchange needs a database for. @throws {Unreachable} */
export async function arriveAt({ publicUrl }: Partial<Settings>, signal: AbortSignal): Promise<Arrival> {
  if (publicUrl === undefined) throw new NotTold("needs VAMBE_PUBLIC_URL, which is not set, or wrong");
  const reached = await reach(`${publicUrl}/livez`, "VAMBE_PUBLIC_URL", { signal });
  const [says, remedy] = inItsPlace(reached) ?? ["", ""];
  return { url: publicUrl, isExchange: says === "", says, remedy, tookMs: reached.tookMs };
}

function inItsPlace(reached: Reached): [says: string, remedy: string] | undefined {
  const { status, json } = reached;
  if (status === 200 && Object(json).status === "alive") return undefined;
  if (status >= 300 && status < 400) {
    return [
      `leads on to ${leadsTo(reached)} (${status})`,
      "write the address that it leads to into VAMBE_PUBLIC_URL and data-server: a redirect loses what pages post",
    ];
  }
  if (isOurProblem(json)) {
    return [
      "leads to an exchange, but not to this path of it: what is in front sends another path on",
      "let it pass the path on as it is, or take off exactly the path of VAMBE_PUBLIC_URL, no more and no less",
    ];
  }
  if ([502, 503, 504].includes(status)) {
    return [
      `something in front answers ${status}: it does not reach the exchange`,
      "start the exchange, and look at the address and the port that the proxy sends to",
    ];
  }
  const what = isPage(reached) ? "a web page of somebody else's" : "something else";
  return [
    `leads to ${what} (${status} for /livez)`,
    "let the proxy send all paths below VAMBE_PUBLIC_URL to the exchange, or mend VAMBE_PUBLIC_URL",
  ];
}

/** Whether it is an error of an exchange's own. */
export const isOurProblem = (json: unknown): boolean => {
  const { type }: { type?: unknown } = Object(json);
  return typeof type === "string" && /\/problems\/[a-z-]+$/.test(type);
};

/** Its name, such as `proof-signature`. */
export const slugOf = (json: unknown): string =>
  isOurProblem(json) ? String(Object(json).type).replace(/^.*\//, "") : "";
