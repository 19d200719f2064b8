/** What a page with the script tag gets from a type alone. Never run, only compiled. */
import type {} from "vambe-identity/widget";

export function right(): void {
  window
    .VambeIdentify?.({ id: "a" }, { getProof: async () => "eyJ…" })
    .then(({ verified }) => verified === true);
  window.VambeIdentify?.(null);
  window.VambeIdentify?.reset();
  const id: string | undefined = window.VambeIdentify?.current?.id;
  window.addEventListener("vambe:ready", () => id);
  window.addEventListener("vambe:reset", () => id);
  window.addEventListener("vambe:signout", (event) => event.preventDefault());
  window.addEventListener("vambe:identified", ({ detail }) => {
    const { status, applied, ignored, expiresAt } = detail;
    const words: string[] = [
      status,
      ...applied,
      ...ignored.map(({ trait, reason }) => `${trait}: ${reason}`),
    ];
    return words.length > expiresAt;
  });
  window.addEventListener("vambe:error", ({ detail: { code, requestId } }) => {
    if (code === "network") return;
    const found: string | undefined = requestId;
    void found;
  });
}

export function wrong(): void {
  // @ts-expect-error: it is not there before the script has loaded
  window.VambeIdentify({ id: "a" });
  // @ts-expect-error: the id is missing
  window.VambeIdentify?.({ name: "Jane Doe" });
  // @ts-expect-error: only the widget says who is known
  if (window.VambeIdentify) window.VambeIdentify.current = null;
  // @ts-expect-error: an error has no identity
  window.addEventListener("vambe:error", ({ detail }) => detail.verified);
  // @ts-expect-error: there is no such status
  window.addEventListener("vambe:identified", ({ detail }) => detail.status === "sent");
}
