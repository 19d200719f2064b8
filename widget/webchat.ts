import type { BadgeState } from "./state.ts";

/**
 * Keeps the webchat's configuration in step with who is known. Vambe does not publish the option's name, so the
 * site may choose it.
 */
export function handToWebchat(option: string): (state: BadgeState) => void {
  return ({ kind, person }) => {
    const page = window as { embeddedWebchatConfig?: Record<string, unknown> };
    if (kind === "known" || kind === "queued") {
      page.embeddedWebchatConfig ??= {};
      page.embeddedWebchatConfig[option] = person.id;
    } else {
      delete page.embeddedWebchatConfig?.[option];
    }
  };
}
