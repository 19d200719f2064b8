import type { DeliveryStatus, IgnoredTrait } from "../answers.ts";
import { type SignedUser, signUser } from "../sign/sign.ts";
import { answerTo } from "../vambe/ask.ts";
import { retryAfterMs } from "../vambe/retry-after.ts";
import { type Tried, untilDone } from "./retries.ts";

/** The whole call, in milliseconds: the exchange answers within three seconds whatever Vambe does. */
const DEADLINE_MS = 15_000;

export interface IdentifyUserOptions {
  /** Where the exchange is reached, as in its `VAMBE_PUBLIC_URL`. */
  exchangeUrl: string;
  /** The newest secret in its `VAMBE_IDENTITY_SECRET`. */
  secret: string | undefined;
  /** Of whose pages it is, where the exchange allows several origins: one of `VAMBE_ALLOWED_ORIGINS`. */
  origin?: string | undefined;
  /** Ends the call, its pauses too; `signal.reason` is thrown then. */
  signal?: AbortSignal | undefined;
}

/** What the exchange has answered. */
export interface IdentifiedUser {
  /** `delivered`: Vambe has it. `unchanged`: it had all of it. `queued`: the exchange has stored it. `rejected`: Vambe refuses it. */
  status: DeliveryStatus;
  /** Names of the traits that Vambe has or will have. */
  applied: string[];
  /** Traits that were left out, each with the reason. */
  ignored: IgnoredTrait[];
  /** A signed JWT for the user, should you need it. Check it with the exchange's `/.well-known/jwks.json`. */
  token: string;
  /** Until the token expires, in seconds. */
  expiresIn: number;
  /** By which the exchange's log knows the request. */
  requestId: string;
}

/** The exchange has refused, or was not reached. The message says why, and holds nothing of the user. */
export class ExchangeError extends Error {
  override readonly name = "ExchangeError";
  /** As in RFC 6749, such as `invalid_request`; `unreachable` where nothing like an exchange has answered. */
  readonly code: string;
  readonly status: number | undefined;
  /** The page that says how to mend it. */
  readonly page: string | undefined;
  readonly requestId: string | undefined;

  constructor(
    code: string,
    message: string,
    more: { status?: number; page?: string; requestId?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.status = more.status;
    this.page = more.page;
    this.requestId = more.requestId;
  }
}

/**
 * Tells a running exchange, from a backend and without a browser, what is known of a user now: when a plan is cancelled, and
 * not when a page is loaded next. It signs the user and uses `POST /token` (RFC 8693). Where the exchange answers, it has it
 * on its disk; what may succeed later is tried again, five times in all.
 *
 * @throws {ExchangeError}; {TypeError} or {RangeError} as `signUser` does; or `signal.reason`
 */
export async function identifyUser(
  user: SignedUser,
  { exchangeUrl, secret, origin, signal }: IdentifyUserOptions,
): Promise<IdentifiedUser> {
  if (!/^https?:$/.test(URL.parse(exchangeUrl)?.protocol ?? ""))
    throw new TypeError("exchangeUrl must be where the exchange is reached, such as https://id.example.com");
  const address = `${exchangeUrl.replace(/\/$/, "")}/token`;
  return untilDone(async () => {
    // A new one each time: an exchange may let each serve once.
    const form = new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: await signUser(user, secret ?? ""),
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      ...(origin !== undefined && { audience: origin }),
    });
    return tryOnce(address, form, signal);
  }, signal);
}

async function tryOnce(
  address: string,
  form: URLSearchParams,
  signal: AbortSignal | undefined,
): Promise<Tried<IdentifiedUser>> {
  const said = await answerTo(address, { method: "POST", body: form }, DEADLINE_MS, signal);
  if ("cause" in said) {
    const error = new ExchangeError("unreachable", `The exchange was not reached (${said.cause}).`);
    return { again: true, error };
  }
  const { status } = said;
  const answer: Record<string, unknown> = Object(said.json);
  const ok = status >= 200 && status < 300;
  if (ok && typeof answer.access_token === "string") return { done: identified(answer) };
  const code = textOr(answer.error, "unreachable");
  const error = new ExchangeError(
    code,
    textOr(answer.error_description, `What answers ${status} at exchangeUrl is no exchange.`),
    {
      status,
      ...(typeof answer.error_uri === "string" && { page: answer.error_uri }),
      ...(typeof answer.request_id === "string" && { requestId: answer.request_id }),
    },
  );
  return { error, again: status === 429 || status >= 500, afterMs: retryAfterMs(said.retryAfter) };
}

const identified = (answer: Record<string, unknown>): IdentifiedUser => ({
  status: answer.status as DeliveryStatus,
  applied: answer.applied as string[],
  ignored: answer.ignored as IgnoredTrait[],
  token: String(answer.access_token),
  expiresIn: Number(answer.expires_in),
  requestId: String(answer.request_id),
});

const textOr = (value: unknown, other: string): string => (typeof value === "string" ? value : other);
