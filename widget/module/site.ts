import type { Site } from "../exchange.ts";

/** The settings for the next identify, and those of the webchat as the script tag would say them. */
export const site: Site & { webchat?: DOMStringMap | undefined; consent?: boolean } = {
  server: "",
  credentials: "same-origin",
};
