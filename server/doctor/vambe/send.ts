import { composeUpsert } from "../../vambe/compose-upsert.ts";
import { createUpsertClient } from "../../vambe/upsert-client.ts";
import { reasonOf } from "../../vambe/verdict.ts";
import { check } from "../check.ts";
import { failed, ok, skipped, warning } from "../finding.ts";
import { LIMIT_MS } from "../limits.ts";

const NAME = "a test user";

/** A real upsert, only where one is asked for. No name, email or custom field goes with it. */
export const vambeSend = check({
  name: NAME,
  needs: ["apiUrl", "apiKey", "channelId", "source"],
  ifItHangs: "Vambe may have the contact all the same: look there, and run doctor again",
  after: (patient) => patient.database(),
  look: async ({ apiUrl, apiKey, channelId, source }, { patient }) => {
    const { sendTo, holds } = patient;
    if (sendTo === undefined) return skipped(NAME, "none was named (--send), so nothing was sent");
    const client = createUpsertClient({ apiUrl, apiKey, deadlineMs: LIMIT_MS });
    const body = composeUpsert(
      { channelId, userId: sendTo, traits: {}, generation: 0, lease: 0, attempts: 0 },
      { source, stageId: holds.stageId, agentId: holds.agentId },
    );
    const verdict = await client.upsert(body);
    if (verdict.kind !== "confirmed") {
      return failed(
        NAME,
        `Vambe has not taken the contact: ${reasonOf(verdict)}`,
        "look at VAMBE_CHANNEL_ID first, and at VAMBE_STAGE_ID and VAMBE_AGENT_ID where they are set",
      );
    }
    if (verdict.complaint !== undefined) {
      return warning(
        NAME,
        `Vambe says that it took the contact, and complains: ${verdict.complaint}`,
        "ask Vambe's support",
      );
    }
    const { ledger } = (await patient.database().catch(() => undefined)) ?? {};
    const before = await ledger?.readSecret("organization");
    if (before !== undefined && verdict.organization !== undefined && before !== verdict.organization) {
      return failed(
        NAME,
        "the contact went to another organization than those before: VAMBE_API_KEY or VAMBE_API_URL is another account's",
        "set the right one, or give this account a database of its own",
      );
    }
    return ok(NAME, "Vambe has taken the contact, in the channel of VAMBE_CHANNEL_ID");
  },
});
