import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { signUser } from "vambe-identity/sign";
import { accountPage } from "./page.js";
import { compileContainer } from "./tag-manager/compile.js";

const { VAMBE_IDENTITY_SECRET: secret, VAMBE_PUBLIC_URL: exchangeUrl, PORT = "3000" } = process.env;
if (!secret || !exchangeUrl) throw new Error("VAMBE_IDENTITY_SECRET and VAMBE_PUBLIC_URL have to be set");

/** Where a real app asks its database. */
const USERS = [
  { id: "user-ana-01", name: "Ana Rivera", email: "ana@example.com", plan: "free" },
  { id: "user-bruno-02", name: "Bruno Costa", email: "bruno@example.com", plan: "pro" },
];
const sessions = new Map();
const sessionOf = (request) => /(?:^|; )session=([^;]+)/.exec(request.headers.cookie)?.[1];
const userOf = (request) => USERS.find(({ id }) => id === sessions.get(sessionOf(request)));

const tag = await readFile(new URL("tag.html", import.meta.url), "utf8");
const container = compileContainer({
  html: tag.replaceAll("https://id.example.com", exchangeUrl),
  event: "vambe_user",
});

const ROUTES = {
  async "GET /"(request, response) {
    response.setHeader("Cache-Control", "private, no-store");
    response.setHeader("Content-Type", "text/html; charset=utf-8").end(accountPage(userOf(request), USERS));
  },

  async "GET /gtm.js"(_, response) {
    response.setHeader("Content-Type", "text/javascript").end(container);
  },

  async "GET /vambe-proof"(request, response) {
    const user = userOf(request);
    response.setHeader("Cache-Control", "private, no-store");
    if (!user) return response.writeHead(401).end();
    response.end(await signUser(user, secret));
  },

  async "POST /login"(request, response) {
    const session = randomBytes(32).toString("base64url");
    sessions.set(session, new URLSearchParams(await text(request)).get("user"));
    response.setHeader("Set-Cookie", `session=${session}; HttpOnly; SameSite=Lax; Path=/`);
    response.writeHead(303, { Location: "/" }).end();
  },

  async "POST /logout"(request, response) {
    sessions.delete(sessionOf(request));
    response.writeHead(303, { Location: "/" }).end();
  },
};

createServer((request, response) => {
  const route = ROUTES[`${request.method} ${request.url.split("?")[0]}`];
  if (!route) return response.writeHead(404).end("Not found");
  route(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end("Something went wrong");
  });
}).listen(PORT, "localhost");
