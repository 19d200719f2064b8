import type { State } from "./state.ts";

/** The webchat's option for the id, if the site names no other. */
export const DEFAULT_OPTION = "externalUserId";

/**
 * Keeps the webchat's configuration in step with who is known. Vambe does not publish the option's name, so the
 * site may choose it.
 */
export function handToWebchat(option: string): (state: State) => void {
  return ({ kind, call }) => {
    const page = window as { embeddedWebchatConfig?: Record<string, unknown> };
    page.embeddedWebchatConfig ??= {};
    const config = page.embeddedWebchatConfig;
    if (kind === "known") config[option] = call.id;
    else delete config[option];
  };
}
