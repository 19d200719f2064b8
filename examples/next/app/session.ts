import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { cookies } from "next/headers";
import { USERS, type User } from "./users";

const COOKIE = "session";
/** The same for each of the bundles that Next.js makes of this file. A real app takes it from its settings. */
const shared: { sessionSecret?: Buffer } = globalThis;
shared.sessionSecret ??= randomBytes(32);
const secret = shared.sessionSecret;
const seal = (id: string) => createHmac("sha256", secret).update(id).digest("base64url");

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
