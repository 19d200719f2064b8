import type { Settings } from "../../settings/check-settings.ts";
import type { Call } from "../call.ts";
import { clientNetwork } from "./client-network.ts";
import { checkFetchMetadata } from "./fetch-metadata.ts";
import type { RateLimit } from "./rate-limit.ts";

/**
 * Lets a call in that a script made, unless there were too many. Resolves to the headers that tell how many are left.
 * @throws {Problem}
 */
export type Admit = (call: Call) => Promise<Record<string, string>>;

export const createAdmit =
  ({ settings, perAddress }: { settings: Settings; perAddress: Pick<RateLimit, "count"> }): Admit =>
  (call) => {
    checkFetchMetadata(call);
    const forwarded = call.headers.get("x-forwarded-for");
    return perAddress.count(clientNetwork(call.address, forwarded, settings.trustProxy));
  };
