/**
 * An element with an open shadow root and a style of its own. The style is neither an element nor an attribute, so
 * that no content policy stands against it. Returns the root; its `host` is the element.
 */
export function shadowHost(name: string, css: string): ShadowRoot {
  const shadow = document.createElement(name).attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];
  return shadow;
}
