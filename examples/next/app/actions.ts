"use server";
import { beginSession, endSession } from "./session";
import { USERS } from "./users";

export async function logIn(form: FormData): Promise<void> {
  const user = USERS.find(({ id }) => id === form.get("user"));
  if (user) await beginSession(user.id);
}

export async function logOut(): Promise<void> {
  await endSession();
}
