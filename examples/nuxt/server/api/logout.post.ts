import { sessionOf } from "../session";

export default defineEventHandler(async (event) => {
  const session = await sessionOf(event);
  await session.clear();
});
