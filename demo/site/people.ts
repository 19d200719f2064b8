/** Vambe has no option for `trial`. */
export const PLANS = ["free", "pro", "enterprise", "trial"] as const;
export type Plan = (typeof PLANS)[number];

export interface Person {
  id: string;
  name: string;
  email: string;
  company: string;
  /** As the person has typed it. The site has verified it, such as by a code in a message. */
  phone?: string;
  /** `null`: cancelled. */
  plan: Plan | null;
}

/** The site's users. Nobody here is real, every address ends where no mail can arrive, and the phone is made up. */
export function createPeople(): Map<string, Person> {
  const people: Person[] = [
    {
      id: "user-ana-01",
      name: "Ana Rivera",
      email: "ana@example.com",
      company: "Panadería Sol",
      plan: "free",
    },
    {
      id: "user-bruno-02",
      name: "Bruno Costa",
      email: "bruno@example.com",
      company: "Oficina Verde",
      phone: "(41) 90000-1234",
      plan: "pro",
    },
    {
      id: "user-carla-03",
      name: "Carla Núñez",
      email: "carla@example.com",
      company: "Farmacias Aurora",
      plan: "enterprise",
    },
  ];
  return new Map(people.map((person) => [person.id, person]));
}

export const isPlan = (value: unknown): value is Plan => PLANS.some((plan) => plan === value);
