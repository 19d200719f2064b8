import { type Picture, pictureOf, type Shown } from "../../../widget/badge/picture.ts";
import type { Identity, User, VambeIdentify } from "../../../widget/types.ts";
import type { Bundles } from "./bundles.ts";
import type { Clock } from "./clock.ts";

type Listener = (event: Record<string, unknown>) => void;
type Init = { body: string; signal: AbortSignal };
interface Request {
  id: string;
  proof: string | null;
  answer(response: unknown): void;
  fail(): void;
}

/** How the widget comes into the page. `asking`: by a tag, and the visitor has to consent first. */
export type Kind = "script" | "module" | "asking";

class Script {
  src = "https://id.example.com/vambe-identity.js";
  dataset: Record<string, string> = { badge: "bottom-left", webchat: "" };
}

/** What a tab needs of its browser. */
export interface Home {
  clock: Clock;
  stored: ReadonlyMap<string, string>;
  store(from: Tab, key: string, value: string | null): void;
}

/** One document at a time, as a page has it, with the widget in it. */
export class Tab {
  readonly kind: Kind;
  /** Everything that the page has heard since it was loaded. */
  heard: string[] = [];
  /** Identifies that wait for an answer, the oldest first. */
  requests: Request[] = [];
  /** How many identifies this tab has sent, in all its documents. */
  sent = 0;
  /** Whether the exchange cannot be reached from here. */
  offline = false;
  /** `cached`: what other tabs store meanwhile it does not hear of, and it wakes by an event of its own. */
  frozen: false | "frozen" | "cached" = false;
  /** Answers at once, in place of a step of the test. */
  answerer: ((id: string) => unknown) | undefined;
  /** What the badge shows. The module's has none. */
  picture: Picture = { kind: "hidden" };
  /** What the module's subscribers are told. */
  hook: { status: string; identity: Identity | null } | undefined;
  /** The page's proof for whoever asks. `null`: the site's endpoint fails. */
  proofFor: ((id: string) => string | null) | undefined;
  identify: (user: User | null | undefined, options?: object) => Promise<Identity | null>;
  window: Record<string, unknown> = {};
  /** Called with each event of the widget, while it is fired. */
  onHear = (_type: string): void => {};
  readonly #browser: Home;
  /** What outlives a document, in this tab alone. */
  readonly #session: Record<string, string> = {};
  readonly #bundles: Bundles;
  #listeners = new Map<string, Listener[]>();
  #tasks: (() => void)[] = [];

  constructor(browser: Home, bundles: Bundles, kind: Kind) {
    this.#browser = browser;
    this.#bundles = bundles;
    this.kind = kind;
    this.identify = this.load();
  }

  get current(): Identity | null {
    return (this.window.VambeIdentify as VambeIdentify | undefined)?.current ?? null;
  }

  /** What Vambe's webchat would find. */
  get webchatId(): unknown {
    return (this.window.embeddedWebchatConfig as { externalUserId?: unknown } | undefined)?.externalUserId;
  }

  consent(given: boolean): void {
    (this.window.VambeIdentify as VambeIdentify).consent(given);
  }

  /** Runs when the document may run anything. */
  task(run: () => void): void {
    this.#tasks.push(run);
  }

  /** Another tab has stored something. */
  hear(key: string, newValue: string | null): void {
    if (this.frozen !== "cached") this.task(() => this.fire("storage", { key, newValue }));
  }

  thaw(): void {
    if (this.frozen === "cached") this.task(() => this.fire("pageshow"));
    this.frozen = false;
  }

  /** One, as browsers do: what it promises comes before the next one. */
  runTask(): boolean {
    const run = this.frozen ? undefined : this.#tasks.shift();
    run?.();
    return !!run;
  }

  fire(type: string, more: object = {}): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener({ type, ...more });
  }

  /** A new document: nothing is left of the one before but what the browser stores. */
  load(): typeof this.identify {
    const browser = this.#browser;
    browser.clock.drop(this);
    this.heard = [];
    this.requests = [];
    this.#tasks = [];
    this.#listeners = new Map();
    this.picture = { kind: "hidden" };
    this.hook = undefined;
    // What still runs in the document before reaches nobody.
    const listeners = this.#listeners;
    const alive = () => this.#listeners === listeners;
    const listen = (type: string, listener: Listener) => {
      listeners.set(type, [...(listeners.get(type) ?? []), listener]);
    };
    this.window = {};
    const script = new Script();
    if (this.kind === "asking") script.dataset.consent = "required";
    const globals: Record<string, unknown> = {
      window: this.window,
      document: { currentScript: script, scripts: [], addEventListener: listen },
      navigator: { onLine: true },
      location: { origin: "https://shop.example.com", href: "https://shop.example.com/", reload() {} },
      performance: { now: () => browser.clock.ran },
      Date: { now: () => browser.clock.wall },
      Math: Object.assign(Object.create(Math), { random: () => 0.5, max: Math.max, min: Math.min }),
      localStorage: this.#storage(),
      sessionStorage: this.#session,
      addEventListener: listen,
      removeEventListener: () => {},
      dispatchEvent: (event: { type: string; detail: unknown }) => {
        if (alive()) this.fire(event.type, { detail: event.detail });
        return true;
      },
      CustomEvent: class {
        type: string;
        detail: unknown;
        constructor(type: string, { detail }: { detail?: unknown } = {}) {
          this.type = type;
          this.detail = detail;
        }
      },
      HTMLScriptElement: Script,
      fetch: (_: string, init: Init) => this.#fetch(init),
      setTimeout: (run: () => void, ms: number) =>
        alive() ? browser.clock.set(this, () => this.task(run), ms) : 0,
      clearTimeout: (id: number) => browser.clock.clear(id),
      load: async (address: string) => this.#part(address, globals),
      reportError: (error: unknown) => {
        throw error;
      },
    };
    for (const type of ["identified", "reset", "error"]) {
      listen(`vambe:${type}`, ({ detail }) => {
        this.heard.push(nameOf(type, detail));
        this.onHear(type);
      });
    }
    const api = evaluate(this.kind === "module" ? this.#bundles.module : this.#bundles.script, globals) as
      | ModuleApi
      | undefined;
    api?.configure({ server: "https://id.example.com", webchat: true });
    api?.subscribe((state) => {
      this.hook = state;
    });
    this.identify =
      api?.identify ?? ((...call) => (this.window.VambeIdentify as typeof this.identify)(...call));
    return this.identify;
  }

  #part(address: string, globals: Record<string, unknown>) {
    if (/badge/.test(address)) {
      return {
        mount: ({ subscribe }: { subscribe(listener: (shown: Shown) => void): void }) =>
          subscribe((shown) => {
            this.picture = pictureOf(shown, this.picture);
          }),
      };
    }
    const { chat, gate, tend } = this.#bundles;
    return { mount: evaluate(/chat/.test(address) ? chat : /gate/.test(address) ? gate : tend, globals) };
  }

  #fetch({ body, signal }: Init): Promise<unknown> {
    const { user, proof } = JSON.parse(body);
    if (signal.aborted) return Promise.reject(signal.reason);
    this.sent++;
    if (this.offline) return Promise.reject(new TypeError("Failed to fetch"));
    if (this.answerer) return Promise.resolve(this.answerer(String(user.id)));
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.requests = this.requests.filter((one) => one !== request);
      };
      const request: Request = {
        id: String(user.id),
        proof,
        answer: (response) => {
          leave();
          this.task(() => resolve(response));
        },
        fail: () => {
          leave();
          this.task(() => reject(new TypeError("Failed to fetch")));
        },
      };
      signal.addEventListener("abort", () => {
        leave();
        reject(signal.reason);
      });
      this.requests.push(request);
    });
  }

  #storage() {
    const browser = this.#browser;
    return new Proxy({} as Record<string, string>, {
      get: (_, key: string) => browser.stored.get(key),
      set: (_, key: string, value: string) => {
        browser.store(this, key, value);
        return true;
      },
      deleteProperty: (_, key: string) => {
        browser.store(this, key, null);
        return true;
      },
    });
  }
}

interface ModuleApi {
  configure(configuration: { server: string; webchat: boolean }): void;
  subscribe(listener: (state: { status: string; identity: Identity | null }) => void): void;
  identify: Tab["identify"];
}

/** Runs code as a page's, with these globals. */
function evaluate(code: string, globals: Record<string, unknown>): unknown {
  let run = compiled.get(code);
  if (!run) {
    run = new Function(...Object.keys(globals), `"use strict"; ${code}`);
    compiled.set(code, run);
  }
  return run(...Object.values(globals));
}

const compiled = new Map<string, ReturnType<FunctionConstructor>>();

const nameOf = (type: string, detail: unknown) => {
  const { id, code } = Object(detail) as { id?: string; code?: string };
  return [type, id ?? code].filter(Boolean).join(" ");
};
