import { setFlagsFromString } from "node:v8";

/**
 * What a request is made of is to go with it. Requests that have waited for Vambe were there for long, and V8 learns from them to
 * put what is made at the same places in the code among what lasts (allocation site pretenuring). There it stays for seconds, and
 * all that it refers to with it: nearly a tenth of each request that comes later, which makes each collection of garbage
 * four times as long. For a process of its own alone, since it is for the whole of it.
 */
export function requestsAreShortLived(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
