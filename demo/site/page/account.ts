import type { Person } from "../people.ts";

export type SignedIn = Person & { proof: string };

/** The site's own backend: nothing here is about Vambe, but for the proof that comes with the user. */
export const account = {
  me: () => ask("GET", "/me"),
  logIn: (user: string) => ask("POST", "/login", { user }),
  changePlan: (plan: string | null) => ask("POST", "/plan", { plan }),
  logOut: async () => void (await fetch("/logout", { method: "POST" })),
};

async function ask(method: string, path: string, body?: object): Promise<SignedIn | null> {
  const answer = await fetch(path, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}`);
  const { user }: { user: SignedIn | null } = await answer.json();
  return user;
}
