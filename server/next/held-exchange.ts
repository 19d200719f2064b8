import { createHash } from "node:crypto";
import { createExchangeFromEnv } from "../index.ts";
import type { Log } from "../log.ts";
import type { Authenticate } from "../proof/app-user.ts";
import type { ExchangeOptions } from "../settings/exchange-options.ts";
import { SettingsError } from "../settings/settings-error.ts";
import type { Exchange } from "../types.ts";
import { inItsRequest } from "./async-context.ts";

/** What a route handler was made with. */
interface Definition {
  more: Partial<ExchangeOptions>;
  log: Log;
}

interface Opened {
  definition: Definition;
  /** What the settings were, as a digest. */
  digest: string;
  exchange: Promise<ReachedExchange | undefined>;
}

/** An exchange, and where visitors find it. */
interface ReachedExchange {
  exchange: Exchange;
  publicUrl: string;
}

/** Where the one exchange of a process is held. */
export interface Place {
  /** The last that was made: a hot reload makes another, which counts from then on. */
  newest: Definition | undefined;
  /** The exchange for the newest definition, opened at need; `undefined` where its settings are wrong. */
  exchange(): Promise<ReachedExchange | undefined>;
}

/** A hot reload, and each route that Next.js bundles for itself, loads this module anew: all of them find the same. */
const KEY = Symbol.for("vambe-identity.next");

/** @param global where it is looked for; it is put there where it is not. */
export function placeOf(global: object): Place {
  const holder: { [KEY]?: Place } = global;
  holder[KEY] ??= createPlace();
  return holder[KEY];
}

function createPlace(): Place {
  let opened: Opened | undefined;
  const place: Place = {
    newest: undefined,
    exchange() {
      const { newest } = place;
      if (newest && opened?.definition !== newest) {
        const digest = digestOf(newest.more);
        if (opened?.digest === digest) opened.definition = newest;
        else opened = { definition: newest, digest, exchange: openAfter(opened, newest, place) };
      }
      return opened?.exchange ?? Promise.resolve(undefined);
    },
  };
  return place;
}

/** The old one is closed first: a file can have one exchange only. */
async function openAfter(
  before: Opened | undefined,
  definition: Definition,
  place: Place,
): Promise<ReachedExchange | undefined> {
  const { more, log } = definition;
  await (await before?.exchange)?.exchange.close();
  try {
    const exchange = createExchangeFromEnv(
      { compress: false, ...more, ...(more.authenticate && { authenticate: askNewest(place) }) },
      { log },
    );
    return { exchange, publicUrl: more.publicUrl ?? process.env.VAMBE_PUBLIC_URL?.trim() ?? "" };
  } catch (error) {
    if (error instanceof SettingsError)
      for (const { setting, detail } of error.mistakes) log.error(`${setting} ${detail}`, { setting });
    else log.error("the exchange could not be made", { cause: error });
    return undefined;
  }
}

/** After a hot reload the app's function is another, and its settings may be the same. */
const askNewest =
  (place: Place): Authenticate =>
  (request) =>
    inItsRequest(request, () => place.newest?.more.authenticate?.(request) ?? null);

/** Equal where the same exchange would be made. The digest stands where others can look; secrets should not. */
function digestOf(more: Partial<ExchangeOptions>): string {
  const variables = Object.entries(process.env).filter(([name]) => /^(VAMBE_|PORT$|HOST$)/.test(name));
  const text = JSON.stringify([more, variables.sort()], (_, value) =>
    typeof value === "function" ? "function" : value,
  );
  return createHash("sha256").update(text).digest("base64url");
}
