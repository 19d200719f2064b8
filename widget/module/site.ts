import type { Site } from "../exchange.ts";

/** The settings for the next identify, and the webchat's option that gets the id ("" for none). */
export const site: Site & { webchat: string } = {
  server: "",
  credentials: "omit",
  onNews() {},
  webchat: "",
};
