import type { Evidence } from "../proof/proof.ts";
import type { Call } from "./call.ts";

type Said = Omit<Evidence, "request" | "setCookies">;

/** What a call brings forward. The standard request is made where a kind of proof asks for it, which few do. */
export class CallEvidence implements Evidence {
  readonly #call: Call;
  readonly user: Evidence["user"];
  readonly proof: Evidence["proof"];
  readonly isIdToken: boolean;
  readonly actorProof: Evidence["actorProof"];
  readonly actorIsIdToken: boolean;

  constructor(call: Call, { user, proof, isIdToken = false, actorProof, actorIsIdToken = false }: Said) {
    this.#call = call;
    this.user = user;
    this.proof = proof;
    this.isIdToken = isIdToken;
    this.actorProof = actorProof;
    this.actorIsIdToken = actorIsIdToken;
  }

  readonly setCookies = (cookies: readonly string[]): void => {
    this.#call.setCookies.push(...cookies);
  };

  get request(): Request {
    return this.#call.request();
  }
}
