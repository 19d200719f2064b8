/** The path of the public URL, without a slash at its end. */
export const basePathOf = (publicUrl: string): string => new URL(publicUrl).pathname.replace(/\/$/, "");

/**
 * The path of a request below the public URL's own, whether or not a proxy in front has taken that off.
 * A slash that a proxy has put at its end is left out; files have none there.
 * @param target a path with its query, or a whole URL
 */
export function pathBelow(basePath: string, target: string): string {
  const from = target.startsWith("/") ? 0 : target.indexOf("/", target.indexOf("//") + 2);
  const path = from < 0 ? "/" : (target.slice(from).split(/[?#]/, 1)[0] ?? "/");
  return withoutSlash(basePath && path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path);
}

/** What stands behind the `?` of a request's target. Broken escapes are taken as they stand. */
export const queryOf = (target: string): URLSearchParams =>
  new URLSearchParams(/\?([^#]*)/.exec(target)?.[1]);

function withoutSlash(path: string): string {
  if (path.length < 2 || !path.endsWith("/")) return path;
  const name = path.slice(path.lastIndexOf("/", path.length - 2) + 1, -1);
  return name === "" || name.includes(".") ? path : path.slice(0, -1);
}
