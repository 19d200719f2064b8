import { warn } from "./warn.ts";

/**
 * Puts `host` into the first element that `selector` matches, now or later. When the page draws that element anew,
 * `host` moves into the new one. Returns how to stop that.
 * @throws DOMException if `selector` is not a valid selector
 */
export function place(host: Element, selector: string): () => void {
  const moveIn = () => {
    // This check comes first: it costs nothing, and some pages change all the time.
    if (!host.isConnected) document.querySelector(selector)?.append(host);
  };
  const complain = () => {
    if (!host.isConnected) warn(`no element matches data-badge="${selector}" yet.`);
  };

  moveIn();
  const observer = new MutationObserver(moveIn);
  observer.observe(document, { childList: true, subtree: true });
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", complain, { once: true });
  else complain();
  return () => observer.disconnect();
}
