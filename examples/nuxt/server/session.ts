import { randomBytes } from "node:crypto";
import type { H3Event } from "h3";
import { USERS, type User } from "#shared/users";

/** Made anew at each start, so all are logged out then. A real app takes it from its settings. */
const password = randomBytes(32).toString("base64url");

/** The session is sealed and kept in a cookie. */
export const sessionOf = (event: H3Event) =>
  useSession<{ userId: string }>(event, {
    password,
    name: "session",
    cookie: { sameSite: "lax", secure: false },
  });

/** Who is signed in. */
export async function userOf(event: H3Event): Promise<User | null> {
  const { data } = await sessionOf(event);
  return USERS.find(({ id }) => id === data.userId) ?? null;
}
