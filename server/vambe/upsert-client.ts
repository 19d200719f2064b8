import { type Account, ask } from "./ask.ts";
import type { Upsert } from "./contract.ts";
import { type Verdict, verdictOf } from "./verdict.ts";
import { wordsIn } from "./words.ts";

export interface UpsertClient {
  /**
   * Never rejects: every outcome is a verdict.
   * @param whole what there is to know of the contact, where `body` is a part: nothing of it is in the verdict's words
   */
  upsert(body: Upsert, whole?: Upsert): Promise<Verdict>;
}

export const UPSERT = "/api/public/customer/upsert/info";

export const createUpsertClient = (account: Account): UpsertClient => ({
  async upsert(body, whole = body) {
    const answer = await ask(account, { method: "POST", path: UPSERT, body });
    if ("cause" in answer) return { kind: "failed", cause: answer.cause };
    return verdictOf(answer, body, wordsIn(answer, whole, account.apiKey));
  },
});
