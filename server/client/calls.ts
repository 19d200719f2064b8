import { type Answer, isFromVambe } from "../vambe/answer.ts";
import { type Account, type ApiCall, ask, type NoAnswer } from "../vambe/ask.ts";
import type { Upsert } from "../vambe/contract.ts";
import { retryAfterMs } from "../vambe/retry-after.ts";
import { wordsIn } from "../vambe/words.ts";
import { pause, type Tried, untilDone } from "./retries.ts";
import { VambeError } from "./vambe-error.ts";

export interface Call extends ApiCall {
  /** What is not to be read in an error: the values in it. */
  sent: Upsert;
  /** Whether to make it twice is as good as once. Otherwise it is not made again where Vambe may have taken it. */
  isRepeatable: boolean;
}

/** Error codes that say that nothing has reached Vambe. */
const NEVER_SENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"];

/** The calls of one client: at its pace, and again where that helps. */
export class Calls {
  readonly #account: Account;
  readonly #intervalMs: number;
  /** When the next may go, by a clock that never jumps. */
  #nextAt = 0;

  /** @param perSecond calls */
  constructor(account: Account, perSecond: number) {
    this.#account = account;
    this.#intervalMs = 1000 / perSecond;
  }

  /** @returns the answer's JSON; `undefined` where it has none. @throws {VambeError} or `signal.reason` */
  make(call: Call, signal?: AbortSignal): Promise<unknown> {
    return untilDone(async () => {
      await this.#turn(signal);
      return this.#tried(await ask(this.#account, call, signal), call);
    }, signal);
  }

  async #turn(signal?: AbortSignal): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#intervalMs;
    if (at > now) await pause(at - now, signal);
  }

  #tried(answer: Answer | NoAnswer, call: Call): Tried<unknown> {
    if ("cause" in answer) {
      const again = call.isRepeatable || NEVER_SENT.includes(answer.cause);
      return { again, error: new VambeError("unavailable", `Vambe was not reached (${answer.cause}).`) };
    }
    const { status } = answer;
    const words = wordsIn(answer, call.sent, this.#account.apiKey);
    const said = words === undefined ? "" : ` It says: ${words}`;
    const failed = (code: VambeError["code"], what: string) => new VambeError(code, what + said, { status });
    if (status >= 200 && status < 300) {
      if (isFromVambe(answer)) return { done: answer.json };
      return {
        again: call.isRepeatable,
        error: failed("unavailable", `What answers ${status} is not Vambe's API: check apiUrl.`),
      };
    }
    const afterMs = retryAfterMs(answer.retryAfter);
    if (status === 429 || (status === 503 && afterMs !== undefined)) {
      // It is the account that has to wait, and so do its other calls.
      this.#nextAt = Math.max(this.#nextAt, performance.now() + (afterMs ?? 0));
      return { again: true, afterMs, error: failed("busy", `Vambe asks to wait (${status}).`) };
    }
    if (status === 401 || status === 403)
      return {
        again: false,
        error: failed("unauthorized", `Vambe does not accept the API key (${status}).`),
      };
    if (status === 404)
      return { again: false, error: failed("not-found", "Vambe knows no such contact (404).") };
    if (status >= 400 && status < 500)
      return { again: false, error: failed("refused", `Vambe does not take this (${status}).`) };
    return { again: call.isRepeatable, error: failed("unavailable", `Vambe fails (${status}).`) };
  }
}
