import { NotWritable } from "../../ledger/contract/write-proof.ts";
import { check } from "../check.ts";
import { failed, ok } from "../finding.ts";
import { NotTold } from "../limits.ts";

/** That something can be written, as `/readyz` asks it. */
export const writable = check({
  name: "writable",
  after: (patient) => patient.database(),
  look: async (_, { patient }) => {
    const { ledger } = await patient.database().catch(notOpen);
    try {
      await ledger.proveWrite(Date.now());
    } catch (error) {
      if (!(error instanceof NotWritable)) throw error;
      return failed(
        "writable",
        error.reason,
        "give this account the right to write there, or make room: nobody can be identified until then",
      );
    }
    return ok("writable", "a write has been committed");
  },
});

/** That it belongs to this account at Vambe, and its rows can be read. */
export const unlocked = check({
  name: "API key fits",
  needs: ["apiKey"],
  after: (patient) => patient.database(),
  look: async (_, { patient }) => {
    const { key } = await patient.database().catch(notOpen);
    return key instanceof Error
      ? failed("API key fits", key.message, "an exchange with these settings does not start on this database")
      : ok("API key fits", "VAMBE_API_KEY unlocks what is sealed in the database");
  },
});

export function notOpen(): never {
  throw new NotTold("the database could not be opened");
}
