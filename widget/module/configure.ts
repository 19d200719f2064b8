import { DEFAULT_OPTION } from "../webchat.ts";
import { inBrowser } from "./identity-state.ts";
import { site } from "./site.ts";

/** Where the exchange is, and who else is told. */
export interface Configuration {
  /** Address of the exchange, relative to the page or absolute (default: the page's own origin). */
  server?: string | undefined;
  /** `include` sends the visitor's cookies to the exchange (default: `omit`). */
  credentials?: "omit" | "include" | undefined;
  /**
   * Gives Vambe's webchat the id of the known user, as the script tag's `data-webchat` does: `true`, or the name of
   * the webchat's option (default: it does not).
   */
  webchat?: boolean | string | undefined;
}

/**
 * Says where the exchange is and who else is told. Call it before the first identify. If the page has a script tag
 * that is in charge, the tag's own settings count. On a server it does nothing.
 * @throws TypeError if `server` is not an address
 */
export function configure({ server, credentials, webchat }: Configuration): void {
  if (!inBrowser()) return;
  if (server !== undefined || !site.server) {
    site.server = new URL(server ?? "/", location.href).href.replace(/\/$/, "");
  }
  if (credentials) site.credentials = credentials;
  if (webchat !== undefined) site.webchat = webchat === true ? DEFAULT_OPTION : webchat || "";
}
