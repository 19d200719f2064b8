/** Where a real app asks its database. */
export const USERS = [
  { id: "user-ana-01", name: "Ana Rivera", email: "ana@example.com", plan: "free" },
  { id: "user-bruno-02", name: "Bruno Costa", email: "bruno@example.com", plan: "pro" },
];

export type User = (typeof USERS)[number];
