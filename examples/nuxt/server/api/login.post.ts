import { sessionOf } from "../session";

export default defineEventHandler(async (event) => {
  const { user } = await readBody<{ user: string }>(event);
  const session = await sessionOf(event);
  await session.update({ userId: user });
});
