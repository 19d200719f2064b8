/** What the script tag says. */
export interface Settings {
  /** Base address of the exchange, without a slash at the end. */
  server: string;
  /** Address of a module that is fetched only if the tag asks for it. It lies beside the script. */
  part(name: "badge" | "chat" | "inspector"): string;
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
  // There may be a version between the name and `.js`, and a query at the end.
  const [, base = "", rest] = /(.*)\/vambe-identity(.*)/.exec(src) ?? [];
  return {
    server: data.server?.replace(/\/$/, "") || base,
    part: (name) => `${base}/vambe-identity-${name}${rest}`,
    data,
  };
}
