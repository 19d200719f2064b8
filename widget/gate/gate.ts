import { identifyError } from "../identify-error.ts";
import { handed } from "../lib/handed.ts";
import { erase } from "../lib/statement.ts";
import type { IdentifyOptions, Identity, User, VambeIdentify } from "../types.ts";

const KEY = "vambe-identity-consent";

export interface GateOptions {
  /** Whether the visitor has to consent first. */
  required: boolean;
  /** Begins: whatever sends or stores anything comes into being here. */
  start(): VambeIdentify;
  /** The settings that the chat has: they say `refused` while the visitor does not consent. */
  data?: DOMStringMap | undefined;
}

/**
 * A `VambeIdentify` that holds calls back until the visitor sees the page (a browser may prepare pages that nobody ever
 * sees) and has consented, where that is required. Until then nothing is sent, stored or told to other tabs. Of the calls
 * that wait only the last one counts. A consent that is taken back is so in every tab.
 */
export function createGate({ required, start, data = {} }: GateOptions): VambeIdentify {
  let agreed = !required;
  let engine: VambeIdentify | undefined;
  let waiting: ((superseded?: Error) => void) | undefined;

  const isOpen = () => agreed && !(document as { prerendering?: boolean }).prerendering;

  function open() {
    if (!isOpen()) return;
    engine ??= start();
    const make = waiting;
    waiting = undefined;
    make?.();
  }

  function identify(user: User | null | "consent", options?: IdentifyOptions) {
    if (user === "consent") return consent(!!options);
    const call = user && typeof user === "object" ? { ...user } : user;
    const make = () => (engine as VambeIdentify)(call as User, options);
    if (engine && isOpen()) return make();
    waiting?.(identifyError("superseded", "A newer call or log-out came."));
    return handed(
      new Promise<Identity>((resolve, reject) => {
        waiting = (superseded) => (superseded ? reject(superseded) : resolve(make()));
      }),
    );
  }

  function consent(given: boolean): undefined {
    if (agreed && !given && engine) {
      withdraw();
      tellTabs();
    } else {
      agreed = given;
      if (given) delete data.refused;
      else {
        data.refused = "";
        erase();
      }
      open();
    }
  }

  function withdraw() {
    agreed = false;
    data.refused = "";
    engine?.reset();
    erase();
  }

  if (required) {
    addEventListener("storage", ({ key, newValue }) => {
      if (key === KEY && newValue && agreed) withdraw();
    });
  }
  document.addEventListener("prerenderingchange", open);

  Object.assign(identify, {
    reset: () => void identify(null),
    consent,
    q: { push: (call: [User, IdentifyOptions]) => void identify(...call) },
  });
  Object.defineProperty(identify, "current", { get: () => engine?.current ?? null });
  open();
  return identify as VambeIdentify;
}

/** Storage tells them, and keeps nothing of it. */
function tellTabs() {
  try {
    localStorage[KEY] = "withdrawn";
    delete localStorage[KEY];
  } catch {}
}
