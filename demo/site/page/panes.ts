/** On a narrow screen the two parts are one below the other: marks the link to the one that is in view. */
export function markPaneInView(): void {
  const links = document.querySelectorAll<HTMLAnchorElement>(".panes a");
  const inTheMiddle = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        for (const link of links) {
          if (link.hash === `#${target.id}`) link.setAttribute("aria-current", "true");
          else link.removeAttribute("aria-current");
        }
      }
    },
    { rootMargin: "-50% 0px" },
  );
  for (const { hash } of links) {
    const pane = document.querySelector(hash);
    if (pane) inTheMiddle.observe(pane);
  }
}
