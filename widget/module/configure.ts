import { inBrowser } from "./identity-state.ts";
import { site } from "./site.ts";

/** Where the exchange is, and who else is told. */
export interface Configuration {
  /** Address of the exchange, relative to the page or absolute (default: the page's own origin). */
  server?: string | undefined;
  /** `include` sends the visitor's cookies to the exchange (default: `omit`). */
  credentials?: "omit" | "include" | undefined;
  /**
   * Hands the id of whoever is known to Vambe's webchat, as the script tag's `data-webchat` does: `true`, or the
   * name of the webchat's option (default: it does not).
   */
  webchat?: boolean | string | undefined;
}

/**
 * Says where the exchange is and who else is told. To be called before the first identify; on a page whose script tag is in charge,
 * the tag's own settings hold. On a server it does nothing.
 * @throws TypeError where `server` is no address
 */
export function configure({ server, credentials, webchat }: Configuration): void {
  if (!inBrowser()) return;
  if (server !== undefined || !site.server) {
    site.server = new URL(server ?? "/", location.href).href.replace(/\/$/, "");
  }
  if (credentials) site.credentials = credentials;
  if (webchat !== undefined) site.webchat = webchat === true ? "externalUserId" : webchat || "";
}
