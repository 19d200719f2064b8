import { createHmac, timingSafeEqual } from "node:crypto";
import { cookies } from "next/headers";
import { USERS, type User } from "./users";

const COOKIE = "session";

function seal(id: string): string {
  const { SESSION_SECRET } = process.env;
  if (!SESSION_SECRET) throw new Error("SESSION_SECRET has to be set");
  return createHmac("sha256", SESSION_SECRET).update(id).digest("base64url");
}

/** Who is signed in: for the pages, and for the exchange. */
export async function currentUser(): Promise<User | null> {
  const [id = "", seen = ""] = (await cookies()).get(COOKIE)?.value.split("|") ?? [];
  const expected = Buffer.from(seal(id));
  const isOurs = seen.length === expected.length && timingSafeEqual(Buffer.from(seen), expected);
  return (isOurs && USERS.find((user) => user.id === id)) || null;
}

export async function beginSession(id: string): Promise<void> {
  (await cookies()).set(COOKIE, `${id}|${seal(id)}`, { httpOnly: true, sameSite: "lax" });
}

export async function endSession(): Promise<void> {
  (await cookies()).delete(COOKIE);
}
