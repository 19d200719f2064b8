import type { Evidence } from "../proof/proof.ts";
import type { Call } from "./call.ts";

/** What a call brings forward. The standard request is made where a kind of proof asks for it, which few do. */
export const evidenceIn = (call: Call, said: Omit<Evidence, "request">): Evidence => ({
  ...said,
  setCookies: (cookies) => void call.setCookies.push(...cookies),
  get request() {
    return call.request();
  },
});
