import base from "./shadow-host.css?inline";

/**
 * Makes an element with an open shadow root and this style. The style is neither an element nor an attribute, so no
 * content policy forbids it. Returns the root. Its `host` is the element.
 */
export function shadowHost(name: string, css: string): ShadowRoot {
  const shadow = document.createElement(name).attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css + base);
  shadow.adoptedStyleSheets = [sheet];
  return shadow;
}
