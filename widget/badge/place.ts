/**
 * Puts `host` into the first element that `selector` matches, now or later, and again into its successor when
 * the page has drawn that anew. Returns how to stop that.
 * @throws DOMException where `selector` is none
 */
export function place(host: Element, selector: string): () => void {
  const moveIn = () => {
    // Asked first, since it costs nothing, and some pages change all the time.
    if (!host.isConnected) document.querySelector(selector)?.append(host);
  };
  const complain = () => {
    // biome-ignore lint/suspicious/noConsole: a tag has no caller who could be told.
    if (!host.isConnected) console.warn(`vambe-identity: no element matches data-badge="${selector}" yet.`);
  };

  moveIn();
  const observer = new MutationObserver(moveIn);
  observer.observe(document, { childList: true, subtree: true });
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", complain, { once: true });
  else complain();
  return () => observer.disconnect();
}
