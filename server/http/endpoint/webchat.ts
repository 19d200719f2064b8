import { type Endpoint, jsonAnswer } from "../call.ts";
import { always } from "../page-answers.ts";
import { FRESH } from "../widget-files.ts";

/**
 * `GET /webchat.json`: which channel the exchange is for, so that the widget can load the webchat. It is cached as the
 * script is: who has been on the site before gets the chat while the exchange is down.
 */
export const webchat =
  (channelId: string): Endpoint =>
  (call) =>
    jsonAnswer({ channel_id: channelId }, 200, {
      ...always(call),
      "access-control-allow-origin": "*",
      "cache-control": FRESH,
    });
