import { signUser } from "vambe-identity/sign";
import { userOf } from "../session";

/** A proof for whoever is signed in, never for whom the page names. */
export default defineEventHandler(async (event) => {
  const user = await userOf(event);
  setResponseHeader(event, "Cache-Control", "private, no-store");
  if (!user) throw createError({ statusCode: 401 });
  return signUser(user, process.env.VAMBE_IDENTITY_SECRET ?? "");
});
