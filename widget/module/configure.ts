import { inBrowser } from "./identity-state.ts";
import { site } from "./site.ts";
import { type WebchatOptions, webchatData } from "./webchat.ts";

/** Where the exchange is, and who else is told. */
export interface Configuration {
  /** Address of the exchange, relative to the page or absolute (default: the page's own origin). */
  server?: string | undefined;
  /** `include` sends the visitor's cookies to an exchange of another origin too (default: `same-origin`). */
  credentials?: "omit" | "same-origin" | "include" | undefined;
  /**
   * Hands the identity to Vambe's webchat, as the script tag's `data-webchat` does: `true`, the name of the webchat's
   * option, or more (default: it does not).
   */
  webchat?: boolean | string | WebchatOptions | undefined;
  /** `required`: nothing is sent or stored before `consent(true)`, and calls wait for it (default: it is not asked for). */
  consent?: "required" | undefined;
}

/**
 * Says where the exchange is and who else is told. Call it before the first identify. If the page has a script tag
 * that is in charge, the tag's own settings count. On a server it does nothing.
 * @throws TypeError if `server` is not an address
 */
export function configure({ server, credentials, webchat, consent }: Configuration): void {
  if (!inBrowser()) return;
  if (server !== undefined || !site.server) {
    site.server = new URL(server ?? "/", location.href).href.replace(/\/$/, "");
  }
  if (credentials) site.credentials = credentials;
  if (webchat !== undefined) site.webchat = webchatData(webchat);
  if (consent) site.consent = true;
}
