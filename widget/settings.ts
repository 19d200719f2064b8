/** What the script tag says. */
export interface Settings {
  /** Base address of the exchange, without a slash at the end. */
  server: string;
  /** Address of a module that is fetched only where it is asked for: a sibling of the script itself. */
  part(name: "badge" | "inspector"): string;
  /** The tag's `data-*` attributes as they stand. */
  data: DOMStringMap;
}

/** Reads the settings from the tag that this script came from. */
export function readSettings(): Settings {
  const current = document.currentScript;
  // Without this check, an injected <img name="currentScript"> would decide where the badge's code comes from.
  const own = current instanceof HTMLScriptElement && current;
  // A module, or a loader that evaluates the script, has no current script.
  const tag = own || document.querySelector<HTMLScriptElement>('script[src*="/vambe-identity"]');
  const { dataset: data = {}, src = "" }: Partial<HTMLScriptElement> = tag ?? {};
  // A version may stand between the name and `.js`, a query after it.
  const [, base = "", rest] = /(.*)\/vambe-identity(.*)/.exec(src) ?? [];
  return {
    server: data.server?.replace(/\/$/, "") || base,
    part: (name) => `${base}/vambe-identity-${name}${rest}`,
    data,
  };
}
