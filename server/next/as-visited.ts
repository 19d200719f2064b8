import { basePathOf } from "../http/path.ts";

/** What Next.js hands to a route handler beside the request: here the segments that a catch-all has found. */
export interface RouteContext {
  params: Promise<Record<string, string | string[] | undefined>>;
}

/**
 * The request with the address that the visitor has asked: Next.js takes its `basePath` off, and says it nowhere. Below the
 * exchange's own path there is what the catch-all has found.
 * @param publicUrl a whole URL
 */
export async function asVisited(
  request: Request,
  context: RouteContext | undefined,
  publicUrl: string,
): Promise<Request> {
  const base = basePathOf(publicUrl);
  const { origin, pathname, search } = new URL(request.url);
  if (pathname.startsWith(`${base}/`)) return request;
  const found = Object.values((await context?.params) ?? {}).find(Array.isArray);
  if (!found) return request;
  return new Request(`${origin}${base}/${found.map(encodeURIComponent).join("/")}${search}`, request);
}
