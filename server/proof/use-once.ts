import { createHash } from "node:crypto";
import type { UsedProofs } from "../ledger/contract/used-proofs.ts";
import type { Log } from "../log.ts";
import { Problem } from "../problems.ts";
import type { UseOnce } from "./proof.ts";

/**
 * How long a use is remembered after the proof's `exp`, in milliseconds. The proof itself is good for a minute
 * after it; the rest is for instances whose clocks differ, and for a clock that is put back.
 */
const REMEMBERED_AFTER_MS = 10 * 60_000;

/**
 * Lets each proof serve once, across instances and restarts. It goes by the `jti` and never by the proof's
 * text: one signature can be written in several ways.
 */
export function useProofsOnce(ledger: UsedProofs, log: Log): UseOnce {
  return async ({ issuer, jti, exp }) => {
    if (!jti) {
      throw new Problem("proof-claims", "The proof verifies, but cannot be told from others like it.", {
        errors: [
          { field: "jti", detail: "is required, since here each proof serves once: another text every time" },
        ],
      });
    }
    const id = createHash("sha256")
      .update(JSON.stringify([issuer ?? null, jti]))
      .digest("base64url");
    const isFirst = await ledger
      .useOnce(id, Math.ceil(exp * 1000) + REMEMBERED_AFTER_MS, Date.now())
      .catch((error) => {
        log.error("the use of a proof could not be stored, and the proof was refused", { cause: error });
        throw new Problem("storage-unavailable", "The exchange cannot write its database.", {
          headers: { "retry-after": "5" },
        });
      });
    if (!isFirst) throw new Problem("proof-used", "The proof has served before: its `jti` is known.");
  };
}
