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
  const { dataset: data = {}, src = "" }: Partial<HTMLScriptElement> = ownTag() ?? {};
  // A version may stand between the name and `.js`, a query after it.
  const [, base = "", rest] = /(.*)\/vambe-identity(.*)/.exec(src) ?? [];
  return {
    server: data.server?.replace(/\/$/, "") || base,
    part: (name) => `${base}/vambe-identity-${name}${rest}`,
    data,
  };
}

function ownTag(): HTMLScriptElement | null {
  const tag = document.currentScript;
  // An injected <img name="currentScript"> would otherwise decide where the badge's code comes from.
  if (tag instanceof HTMLScriptElement) return tag;
  // A module, or a loader that evaluates the script, has no current script.
  return document.querySelector('script[src*="/vambe-identity"]');
}
