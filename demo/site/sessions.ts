import { randomBytes } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

const COOKIE = "brujula_session";

/** Who is logged in, by a random number in a cookie that no script can read. */
export function createSessions() {
  const users = new Map<string, string>();

  return {
    userId: (c: Context): string | undefined => users.get(getCookie(c, COOKIE) ?? ""),
    begin(c: Context, userId: string) {
      users.delete(getCookie(c, COOKIE) ?? "");
      const id = randomBytes(32).toString("base64url");
      users.set(id, userId);
      setCookie(c, COOKIE, id, { httpOnly: true, sameSite: "Lax", path: "/" });
    },
    end(c: Context) {
      users.delete(getCookie(c, COOKIE) ?? "");
      deleteCookie(c, COOKIE, { path: "/" });
    },
  };
}
