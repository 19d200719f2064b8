import { createHash } from "node:crypto";
import { DataKey } from "../../server/ledger/data-key.ts";

/** The same for the same name. */
export const dataKeyOf = (name: string): DataKey => new DataKey(createHash("sha512").update(name).digest());
