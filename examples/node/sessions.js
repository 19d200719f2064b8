import { randomBytes } from "node:crypto";

/** Where a real app asks its database. */
export const USERS = [
  { id: "user-ana-01", name: "Ana Rivera", email: "ana@example.com", plan: "free" },
  { id: "user-bruno-02", name: "Bruno Costa", email: "bruno@example.com", plan: "pro" },
];

const COOKIE = "session";
const userIds = new Map();

const sessionOf = (request) => {
  const cookies = (request.headers.cookie ?? "").split("; ").map((pair) => pair.split("="));
  return cookies.find(([name]) => name === COOKIE)?.[1];
};

const setCookie = (response, value, more = "") =>
  response.setHeader("Set-Cookie", `${COOKIE}=${value}; HttpOnly; SameSite=Lax; Path=/${more}`);

export const userOf = (request) => USERS.find(({ id }) => id === userIds.get(sessionOf(request)));

export function beginSession(request, response, userId) {
  userIds.delete(sessionOf(request));
  const session = randomBytes(32).toString("base64url");
  userIds.set(session, userId);
  setCookie(response, session);
}

export function endSession(request, response) {
  userIds.delete(sessionOf(request));
  setCookie(response, "", "; Max-Age=0");
}
