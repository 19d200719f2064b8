/** How the identity reaches Vambe's webchat. Each is what the script tag's `data-webchat…` of that name is. */
export interface WebchatOptions {
  /** The webchat's option for the id (default: `externalUserId`). */
  option?: string | undefined;
  /** The webchat's option for its own token (default: the same). */
  tokenOption?: string | undefined;
  /** `clientId` of the webchat: with it, the widget loads the webchat too. */
  client?: string | undefined;
  /** `channelId` of the webchat (default: the exchange's channel). */
  channel?: string | undefined;
  /** Address of the webchat's script (default: Vambe's own). */
  src?: string | undefined;
  /** How long to wait for a first identify before the webchat is loaded for nobody, in milliseconds (default: 4000). */
  wait?: number | undefined;
  /** What happens to a running webchat after a log-out or for another user: the page is reloaded (default), or nothing. */
  reset?: "reload" | "none" | undefined;
  /** Whether an id that is not verified is handed over too (default: no). */
  unverified?: boolean | undefined;
}

/** The options as the script tag would say them. `undefined` if the webchat is not told. */
export function webchatData(webchat: boolean | string | WebchatOptions): DOMStringMap | undefined {
  if (!webchat) return undefined;
  const options = typeof webchat === "object" ? webchat : { option: webchat === true ? "" : webchat };
  const {
    option = "",
    tokenOption,
    client,
    channel,
    src,
    wait,
    reset,
    unverified,
  } = options as WebchatOptions;
  const data: DOMStringMap = { webchat: option };
  if (tokenOption) data.webchatToken = tokenOption;
  if (client) data.webchatClient = client;
  if (channel) data.webchatChannel = channel;
  if (src) data.webchatSrc = src;
  if (wait !== undefined) data.webchatWait = `${wait}`;
  if (reset) data.webchatReset = reset;
  if (unverified) data.webchatUnverified = "";
  return data;
}
