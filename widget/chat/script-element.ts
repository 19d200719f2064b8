/** The name that a page's `trusted-types` policy has to allow. */
const POLICY = "vambe-identity";

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/** A tag of the page's own that is not run, for pages whose Trusted Types allow no policy. */
const INERT = 'script[type="text/plain"][data-vambe-webchat]';

/** Loads the webchat's script, with the nonce of the page's scripts. Says once in the console why it can't. */
export function addScript(src: string, channelId: string | undefined, loaded: () => void): void {
  try {
    if (!channelId) throw "the exchange does not say its channel. Set data-webchat-channel.";
    // Only one of the very address that the site has set: markup that somebody has injected must not become a script.
    const { href } = new URL(src, location.href);
    const inert = [...document.querySelectorAll<HTMLScriptElement>(INERT)].find((tag) => tag.src === href);
    const script = inert ? (inert.cloneNode() as HTMLScriptElement) : document.createElement("script");
    const { trustedTypes } = window as { trustedTypes?: Policies };
    if (inert) script.type = "";
    else {
      script.src =
        trustedTypes?.createPolicy(POLICY, { createScriptURL: (url) => url }).createScriptURL(src) ?? src;
      script.nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "";
    }
    script.onload = loaded;
    document.head.append(script);
  } catch (reason) {
    const why =
      reason instanceof TypeError
        ? "this page's Trusted Types allow no policy vambe-identity. Allow it, or add an inert tag."
        : reason;
    // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
    console.warn(`vambe-identity: the webchat is not loaded: ${why} See docs/webchat.md.`);
  }
}
