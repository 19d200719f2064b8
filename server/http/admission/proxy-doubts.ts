import type { Log } from "../../log.ts";
import type { CameFrom, Doubt } from "./came-from.ts";

const WORDS: Record<Doubt, string> = {
  "not-believed":
    "a request came with X-Forwarded-For or Forwarded, and no proxy is believed: behind a proxy all visitors share one limit. Set VAMBE_TRUST_PROXY to the number of proxies in front; without any, a visitor wrote the header, and nothing is to be done",
  missing:
    "a request came without X-Forwarded-For and Forwarded, though proxies are believed: let the proxy in front set one of them, or all visitors share one limit; without any proxy, unset VAMBE_TRUST_PROXY",
  "too-few":
    "a request came through fewer proxies than are believed: set VAMBE_TRUST_PROXY to their number, or visitors can make up where they come from",
  contradiction:
    "X-Forwarded-For and Forwarded differ, or one is malformed: neither is believed for such requests, which share one limit. Let the proxy in front remove the one that it does not write",
};

/** Says each doubt once in a process: it is about the set-up and not about a request. */
export function createNoteDoubt(log: Log): (doubt: CameFrom["doubt"]) => void {
  const said = new Set<Doubt>();
  return (doubt) => {
    if (doubt === undefined || said.has(doubt)) return;
    said.add(doubt);
    log.warn(WORDS[doubt], { setting: "VAMBE_TRUST_PROXY" });
  };
}
