/** The path of the public URL, without a slash at its end. */
export const basePathOf = (publicUrl: string): string => new URL(publicUrl).pathname.replace(/\/$/, "");

/**
 * The path of a request below the public URL's own, whether or not a proxy in front has taken that off.
 * @param target a path with its query, or a whole URL
 */
export function pathBelow(basePath: string, target: string): string {
  const from = target.startsWith("/") ? 0 : target.indexOf("/", target.indexOf("//") + 2);
  const path = from < 0 ? "/" : (target.slice(from).split(/[?#]/, 1)[0] ?? "/");
  return basePath && path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
}
