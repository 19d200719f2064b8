import { startContainer } from "./page.js";

const ID = "GTM-EXAMPLE";

/**
 * What stands in for Google's `gtm.js`: a container with one Custom HTML tag that fires at one custom event. The tag is
 * laid into it as Google does: scripts that do not run by themselves, variables that are read when they do.
 */
export function compileContainer({ html, event }) {
  const inert = html
    .replaceAll("<script", '<script type="text/gtmscript"')
    .replace(/(<script[^>]*) src=/g, "$1 data-gtmsrc=")
    .replace(/\{\{(\w+)\}\}/g, (_, name) => `google_tag_manager["${ID}"].variable("${name}")`);
  return `${startContainer}\nstartContainer(${JSON.stringify({ id: ID, html: inert, event })});\n`;
}
