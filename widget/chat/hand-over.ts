import type { State } from "../state.ts";
import { configureWebchat } from "./config.ts";

/**
 * Keeps the webchat's configuration in step with who is known. The webchat gets its own token if the exchange gave one,
 * else the id. An id that is not verified could open another person's conversation, so it is handed over only if the
 * site says so; somebody who acts for the user must not open his conversation at all. Vambe does not publish the options'
 * names, so the site may choose them.
 * @returns the id of whom the webchat is told now
 */
export function createHandOver(data: DOMStringMap): (state: State) => string | undefined {
  const option = data.webchat || "externalUserId";
  const tokenOption = data.webchatToken || option;
  let id: string | undefined;
  let told: string | undefined;

  return ({ kind, call }) => {
    const identity = kind === "known" && call.identity;
    // While the same person is identified again, nothing changes.
    if (identity || call?.id !== id || kind === "failed") {
      id = call?.id;
      const token = identity ? call.webchatToken : undefined;
      const mayTell =
        token || (identity && !identity.actor && (identity.verified || "webchatUnverified" in data));
      told = mayTell ? id : undefined;
      configureWebchat({
        [option]: token ? undefined : told,
        ...((token || tokenOption !== option) && { [tokenOption]: token }),
      });
    }
    return told;
  };
}
