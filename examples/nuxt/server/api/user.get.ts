import { userOf } from "../session";

export default defineEventHandler(async (event) => ({ user: await userOf(event) }));
