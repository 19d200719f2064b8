import type { PartOptions } from "../part.ts";
import type { State } from "../state.ts";
import { channelOf } from "./channel.ts";
import { configureWebchat } from "./config.ts";
import { createHandOver } from "./hand-over.ts";
import { mayReload } from "./reloads.ts";
import { addScript } from "./script-element.ts";

/** How long to wait for a first call, in milliseconds. */
const WAIT = 4000;

/**
 * Hands the identity to the webchat and, with `data-webchat-client`, loads the webchat at the right moment: when the
 * visitor is known, or when it is clear that nobody is. The webchat reads its configuration when it loads, so another
 * user needs another page: then the page is reloaded, once.
 * @param options.data the script tag's settings: `webchat…` and `server` are read, and whether the visitor has `refused`
 */
export function mount({ data, subscribe }: Pick<PartOptions<State>, "data" | "subscribe">): void {
  const { webchatClient: clientId, webchatSrc: src = "https://vambeai.com/webchat.js" } = data;
  const server = data.server?.replace(/\/$/, "") || import.meta.url.replace(/\/[^/]*$/, "");
  const channel = clientId && channelOf(data.webchatChannel, server);
  const handOver = createHandOver(data);
  let state: State | undefined;
  let begun = !clientId;
  let runs = false;
  /** Whom the configuration tells of, and whom the running webchat was told of. */
  let now: string | undefined;
  let told: string | undefined;

  const reloadIfAnother = () => {
    const refused = "refused" in data;
    if (!runs || !(refused || (told && now !== told))) return;
    runs = false;
    // Who has taken back the consent has done something, and nothing may be stored then.
    if (data.webchatReset !== "none" && (refused || mayReload())) location.reload();
  };

  const load = async () => {
    if (begun || "refused" in data) return;
    begun = true;
    const channelId = await channel;
    // Somebody has come in the meantime.
    begun = state?.kind !== "working";
    // The site may have loaded it by itself.
    if (!begun || isThere(src)) return;
    configureWebchat({ clientId, channelId });
    // It reads the configuration when it runs, which its load event tells a moment late.
    const asked = now;
    addScript(src, channelId, () => {
      runs = true;
      told = asked ?? now;
      reloadIfAnother();
    });
  };

  subscribe((next) => {
    state = next;
    now = handOver(next);
    const { kind, call } = next;
    reloadIfAnother();
    if (kind === "failed" || call?.identity || (kind === "hidden" && next.said)) load();
  });
  setTimeout(() => state?.kind === "hidden" && load(), Number(data.webchatWait ?? WAIT));
}

const isThere = (src: string) => {
  const { href } = new URL(src, location.href);
  return [...document.scripts].some((script) => script.src === href && script.type !== "text/plain");
};
