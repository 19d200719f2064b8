/** The path of the public URL, without a slash at its end. */
export const basePathOf = (publicUrl: string): string => new URL(publicUrl).pathname.replace(/\/$/, "");

/** The path of a URL below the public URL's own, whether or not a proxy in front has taken that off. */
export function pathBelow(basePath: string, url: string): string {
  const from = url.indexOf("/", url.indexOf("//") + 2);
  const path = from < 0 ? "/" : (url.slice(from).split(/[?#]/, 1)[0] ?? "/");
  return basePath && path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
}
