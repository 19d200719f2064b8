import { createServer } from "node:http";
import { signUser } from "vambe-identity/sign";
import { accountPage } from "./page.js";
import { beginSession, endSession, userOf } from "./sessions.js";

const { VAMBE_IDENTITY_SECRET: secret, VAMBE_PUBLIC_URL: exchangeUrl, PORT = "3000" } = process.env;
if (!secret || !exchangeUrl) throw new Error("VAMBE_IDENTITY_SECRET and VAMBE_PUBLIC_URL have to be set");

/** Takes the user from the session, never from what the page says. */
const proofOf = ({ id, name, email, plan }) => signUser({ id, name, email, plan }, secret);

const ROUTES = {
  async "GET /"(request, response) {
    const user = userOf(request);
    const known = user ? { id: user.id, proof: await proofOf(user) } : null;
    // The page belongs to one user: no cache may hand it to another.
    response.setHeader("Cache-Control", "private, no-store");
    response.setHeader("Content-Type", "text/html; charset=utf-8").end(accountPage(user, known, exchangeUrl));
  },

  /** For pages that stay open: a fresh proof, before the first one is too old. */
  async "GET /vambe-proof"(request, response) {
    const user = userOf(request);
    response.setHeader("Cache-Control", "private, no-store");
    if (!user) return response.writeHead(401).end();
    response.end(await proofOf(user));
  },

  async "POST /login"(request, response) {
    const form = new URLSearchParams(await textOf(request));
    beginSession(request, response, form.get("user"));
    response.writeHead(303, { Location: "/" }).end();
  },

  async "POST /logout"(request, response) {
    endSession(request, response);
    response.writeHead(303, { Location: "/" }).end();
  },
};

createServer((request, response) => {
  const route = ROUTES[`${request.method} ${request.url}`];
  if (!route) return response.writeHead(404).end("Not found");
  route(request, response).catch((error) => {
    console.error(error);
    response.writeHead(500).end("Something went wrong");
  });
}).listen(PORT, "localhost");

async function textOf(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > 10_000) throw new Error("The form is too long");
  }
  return text;
}
