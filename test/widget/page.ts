import { Window } from "happy-dom";
import type { IdentifyError, Identity, VambeEvents, VambeIdentify } from "../../widget/types.ts";
import { bundle } from "./bundles.ts";
import { type StandIn, startStandIn } from "./stand-in-exchange.ts";

const [script, tend] = [await bundle("script"), await bundle("tend")];

export const STUB = "window.VambeIdentify ??= function () { (VambeIdentify.q ??= []).push(arguments) };";

export interface PageOptions {
  /** Runs in the page before the script tag. */
  before?: string;
  /** The script tag's attributes. */
  tag?: Record<string, string>;
  /** How many milliseconds to wait in truth where the page asks for so many. */
  timers?: (ms: number) => number;
  /** Makes every access to storage throw, as browsers do where it is blocked. */
  blockStorage?: boolean;
  /** The id of who was known on an earlier page, a minute ago. */
  remembered?: string;
}

/** Only what is waited for between two attempts is hurried; the deadline is as long as ever. */
export const withShortPauses = (ms: number) => (ms < 10_000 ? ms / 50 : ms);

export type Page = Awaited<ReturnType<typeof openPage>>;

/** Starts a stand-in for the exchange that also serves the script, and the part of it that does things later. */
export const startExchange = (parts: Record<string, string> = { "/vambe-identity-tend.js": tend }) =>
  startStandIn({ "/vambe-identity.js": script, ...parts });

/** A page of another origin with the built script in it, fetched from the exchange by a real tag. */
export async function openPage(exchange: Pick<StandIn, "url">, options: PageOptions = {}) {
  const window = new Window({
    url: "http://shop.example.com/account",
    settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true },
  });
  const { document, localStorage } = window;
  const events: [keyof VambeEvents, unknown][] = [];
  for (const type of ["vambe:ready", "vambe:identified", "vambe:error", "vambe:reset"] as const) {
    window.addEventListener(type, (event) => events.push([type, (event as unknown as CustomEvent).detail]));
  }
  const { timers = (ms: number) => ms, remembered, blockStorage, before = "" } = options;
  if (remembered)
    localStorage.setItem("vambe-identity", JSON.stringify([remembered, Date.now() - 60_000, 0]));
  if (blockStorage) {
    const blocked = {
      get: () => {
        throw new Error("SecurityError");
      },
    };
    Object.defineProperty(window, "localStorage", blocked);
  }
  const { setTimeout } = window;
  const pauses: number[] = [];
  window.setTimeout = ((run: () => void, ms = 0, ...words: unknown[]) => {
    pauses.push(ms);
    return setTimeout.call(window, run, timers(ms), ...words);
  }) as typeof setTimeout;
  window.eval(before);

  /** Adds the script tag and waits until the script has run. */
  async function load() {
    const tag = document.createElement("script");
    for (const [name, value] of Object.entries(options.tag ?? {})) tag.setAttribute(name, value);
    tag.async = true;
    tag.src = `${exchange.url}/vambe-identity.js`;
    const loaded = new Promise((resolve, reject) => {
      tag.addEventListener("load", resolve);
      tag.addEventListener("error", () =>
        reject(new Error(window.happyDOM.virtualConsolePrinter.readAsString())),
      );
    });
    document.head.append(tag);
    await loaded;
  }
  await load();

  return {
    window,
    events,
    load,
    /** Every time that the page asked a timer for, in milliseconds. */
    pauses,
    console: () => window.happyDOM.virtualConsolePrinter.readAsString(),
    /** Sets the page's clock forward. */
    passTime(ms: number) {
      window.eval(`Date.now = ((now) => () => now() + ${ms})(Date.now)`);
    },
    /** Names of the events so far. */
    heard: () => events.map(([type]) => type.replace("vambe:", "")),
    identify: (window as unknown as { VambeIdentify: VambeIdentify }).VambeIdentify,
    run: (code: string) => window.eval(code) as unknown,
    /** Of whom the last statement is that a tab has made: `null` after a log-out, `undefined` if there is none. */
    stated(): string | null | undefined {
      return JSON.parse(localStorage.getItem("vambe-identity") ?? "[]")[0];
    },
    /** Another tab has identified the user `id`, or logged out. */
    elsewhere(id: string | null) {
      const [, at = 0, turns = 0] = JSON.parse(localStorage.getItem("vambe-identity") ?? "[]");
      const statement = [id, Math.max(Date.now(), at + 1), turns];
      localStorage.setItem("vambe-identity", JSON.stringify(statement));
      window.dispatchEvent(new window.StorageEvent("storage", { key: "vambe-identity" }));
    },
    [Symbol.asyncDispose]: () => window.happyDOM.close(),
  };
}

/** The error of an identify that must fail. */
export async function refused(identity: Promise<Identity>): Promise<IdentifyError> {
  const outcome = await identity.then(
    () => undefined,
    (error: IdentifyError) => error,
  );
  if (!outcome) throw new Error("it was identified");
  return outcome;
}
