import { secretIdOf } from "../../proof/secret-use.ts";
import { check } from "../check.ts";
import { notOpen } from "../database/kept.ts";
import { type Finding, ok, skipped, warning } from "../finding.ts";

/** The longest that a proof is good for, and the clocks: after that nothing that an old secret has signed is accepted. */
const PROOFS_LIVE_MS = 2 * 3600_000;

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
    const uses = await ledger.secretUses();
    const lastOf = identitySecrets.map((secret) =>
      Math.max(0, ...uses.filter((use) => use.secret === secretIdOf(secret)).map(({ lastAt }) => lastAt)),
    );
    const newest = lastOf[0] ?? 0;
    return identitySecrets.slice(1).map((secret, index): Finding => {
      const last = lastOf[index + 1] ?? 0;
      const which = `secret ${index + 2} of ${identitySecrets.length} (${secretIdOf(secret)})`;
      if (newest === 0) return ok("secrets", `${which} stays: the first has verified no proof yet`);
      if (Date.now() - last < PROOFS_LIVE_MS)
        return ok("secrets", `${which} is in use: it has verified proofs lately`);
      const since = last === 0 ? "ever" : `since ${new Date(last).toISOString().slice(0, 16)}Z`;
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
