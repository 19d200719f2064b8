import { warn } from "./warn.ts";

/**
 * Puts `host` into the first element that `selector` matches, now or later. When the page draws that element anew,
 * `host` moves into the new one. Returns how to stop that.
 * @param times how often it moves at the most: a page that takes it out on purpose must not be fought with for ever
 */
export function place(host: Element, selector: string, times = Infinity): (() => void) | undefined {
  const moveIn = () => {
    // This check comes first: it costs nothing, and some pages change all the time.
    if (host.isConnected || times <= 0) return;
    const home = document.querySelector(selector);
    if (!home) return;
    times--;
    // A page that is put back from a copy of itself has a copy of the badge in it too, without its shadow.
    for (const copy of home.querySelectorAll(host.localName)) if (!copy.shadowRoot) copy.remove();
    home.append(host);
  };
  const complain = () => {
    if (!host.isConnected) warn(`no element matches data-badge="${selector}" yet.`);
  };

  try {
    moveIn();
  } catch {
    warn(`data-badge="${selector}" is not a selector.`);
    return undefined;
  }
  const observer = new MutationObserver(moveIn);
  observer.observe(document, { childList: true, subtree: true });
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", complain, { once: true });
  else complain();
  return () => observer.disconnect();
}
