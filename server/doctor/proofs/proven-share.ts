import { aDayBefore, type ShareProven, shareProven } from "../../enforcement/share-proven.ts";
import { check } from "../check.ts";
import { notOpen } from "../database/kept.ts";
import { type Finding, ok, skipped, warning } from "../finding.ts";

const NAME = "proven";
/** How many origins, and how many kinds of refusal, are named. */
const NAMED = 3;

/** How much of what came in the last day was proven: whether ids without a proof are still needed. */
export const provenShare = check({
  name: NAME,
  after: (patient) => patient.database(),
  look: async (_, { patient }) => {
    const { ledger } = await patient.database().catch(notOpen);
    const share = shareProven(await ledger.identifyCounts(aDayBefore(Date.now())));
    return judged(share, patient.holds.allowUnverified === true);
  },
});

function judged({ identifies, proven, percent, without, refusals }: ShareProven, isOn: boolean): Finding {
  const refused = refusals.slice(0, NAMED).map(({ slug, count, origin }) => `${slug} (${count}, ${origin})`);
  const andRefused = refused.length === 0 ? "" : `; refused: ${refused.join(", ")}`;
  if (identifies === 0) return skipped(NAME, `nobody was identified in the last 24 hours${andRefused}`);
  if (proven < identifies) {
    const none = without.slice(0, NAMED).join(", ");
    return warning(
      NAME,
      `${percent} % of ${identifies} identifies of the last 24 hours${none && `; none at all from ${none}`}${andRefused}`,
      "let those pages bring a proof, then switch VAMBE_ALLOW_UNVERIFIED off",
    );
  }
  return ok(
    NAME,
    `all of ${identifies} identifies of the last 24 hours${isOn ? ": VAMBE_ALLOW_UNVERIFIED can be switched off" : ""}${andRefused}`,
  );
}
