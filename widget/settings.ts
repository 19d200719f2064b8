import type { PartName } from "./part.ts";

/** What the script tag says, or `window.vambeIdentitySettings` where the page's tag can carry no attributes. */
export interface Settings {
  /** Base address of the exchange, without a slash at the end. If nothing says it, it is not guessed. */
  server: string;
  /** Address of a module that is fetched only if the page asks for it. It lies beside the script, or at the exchange. */
  part(name: PartName): string;
  /** The tag's `data-*` attributes as they stand. It inherits nothing, so no other script can add to it. */
  data: DOMStringMap;
}

/** No request leaves for an address of this scheme, and what the browser says of it in the console is what to do. */
const NOWHERE = "set-data-server:";

/** Reads the settings of the tag that this script came from, and of no other. */
export function readSettings(): Settings {
  const current = document.currentScript;
  // Without this check, an injected <img name="currentScript"> would decide where the badge's code comes from.
  const { src = "", dataset }: Partial<HTMLScriptElement> =
    current instanceof HTMLScriptElement ? current : {};
  // An element of that name, which `window` has too, is not its own.
  const settings = Object.hasOwn(window, "vambeIdentitySettings") && window.vambeIdentitySettings;
  const data: DOMStringMap = Object.assign(Object.create(null), settings, dataset);
  // There may be a version between the name and `.js`, and a query at the end.
  const [, base = "", rest = ".js"] = /(.*)\/vambe-identity((?:-\d.*)?\.js.*)/.exec(src) ?? [];
  const server = data.server?.replace(/\/$/, "") || base || NOWHERE;
  return { server, part: (name) => `${base || server}/vambe-identity-${name}${rest}`, data };
}
