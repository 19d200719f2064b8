import { standingOf } from "../../proof/secret-standing.ts";
import { check } from "../check.ts";
import { notOpen } from "../database/kept.ts";
import { type Finding, ok, skipped, warning } from "../finding.ts";

/** Where there are several: which has signed what came last, and which can go. */
export const secretUse = check({
  name: "secrets",
  reads: ["identitySecrets"],
  after: (patient) => patient.database(),
  look: async (_, { patient }) => {
    const { identitySecrets = [] } = patient.holds;
    if (identitySecrets.length === 0)
      return skipped("secrets", "VAMBE_IDENTITY_SECRET is not set: no proofs are signed with one");
    if (identitySecrets.length === 1) return ok("secrets", "one signs proofs, and none is on its way out");
    const { ledger } = await patient.database().catch(notOpen);
    const [, ...others] = standingOf(identitySecrets, await ledger.secretUses(), Date.now());
    return others.map(({ id, lastAt, standing }, index): Finding => {
      const which = `secret ${index + 2} of ${identitySecrets.length} (${id})`;
      if (standing === "first not used yet")
        return ok("secrets", `${which} stays: the first has verified no proof yet`);
      if (standing === "in use") return ok("secrets", `${which} is in use: it has verified proofs lately`);
      const since = lastAt === 0 ? "ever" : `since ${new Date(lastAt).toISOString().slice(0, 16)}Z`;
      return ok("secrets", `${which} is safe to retire: it has verified no proof ${since}`);
    });
  },
});

/** What the chat itself goes by. */
export const webchatSecret = check({
  name: "webchat",
  reads: ["webchatSecrets"],
  look: (_, { patient }) => {
    const { webchatSecrets = [] } = patient.holds;
    if (webchatSecrets.length > 0)
      return ok("webchat", "verified users get the token that the chat can check");
    return warning(
      "webchat",
      "VAMBE_WEBCHAT_SECRET is not set: the chat believes each id that a visitor writes into the page",
      "turn on “Autenticar usuarios con JWT” in the channel's settings, and put its JWT Secret here too (docs/webchat.md)",
    );
  },
});
