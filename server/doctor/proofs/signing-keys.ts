import { isSigning, readKeys } from "../../token/kept-keys.ts";
import { check } from "../check.ts";
import { notOpen } from "../database/kept.ts";
import { ok, skipped, warning } from "../finding.ts";

const DAY_MS = 24 * 3600_000;
/** docs/keys.md: "once a year". */
const DUE_DAYS = 366;

/** The key that signs the tokens, and how long it has. */
export const signingKey = check({
  name: "signing key",
  after: (patient) => patient.database(),
  look: async (_, { patient }) => {
    const name = "signing key";
    if (patient.holds.signingKey !== undefined) return ok(name, "is that of VAMBE_SIGNING_KEY");
    const { ledger } = await patient.database().catch(notOpen);
    const key = (await readKeys(ledger)).find(isSigning);
    if (!key) return skipped(name, "there is none yet: the exchange makes one when it starts");
    const days = Math.max(0, Math.floor((Date.now() - key.createdAt) / DAY_MS));
    if (days < DUE_DAYS)
      return ok(name, `has signed for ${days} days; once a year is often enough for a new one`);
    return warning(
      name,
      `has signed for ${days} days`,
      "run vambe-identity keys rotate: nobody notices (docs/keys.md)",
    );
  },
});
