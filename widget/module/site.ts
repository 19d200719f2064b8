import type { Site } from "../exchange.ts";

/** What the next identify goes by, and the webchat's option that the id is handed to, or "" for none. */
export const site: Site & { webchat: string } = {
  server: "",
  credentials: "omit",
  onSent() {},
  webchat: "",
};
