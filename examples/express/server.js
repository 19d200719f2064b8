import { randomBytes } from "node:crypto";
import express from "express";
import session from "express-session";
import { createExchangeFromEnv, toNodeListener } from "vambe-identity";
import { signUser } from "vambe-identity/sign";
import { accountPage } from "./page.js";
import { USERS } from "./users.js";

const { VAMBE_IDENTITY_SECRET, PORT = "3000" } = process.env;
const exchange = createExchangeFromEnv();

const app = express();
// Body parsers may come first, as in most apps: the exchange takes what they have read.
app.use(express.json(), express.urlencoded({ extended: false }));
app.use("/identity", toNodeListener(exchange));

app.use(
  session({
    // A real app takes it from its settings.
    secret: randomBytes(32).toString("base64url"),
    resave: false,
    saveUninitialized: false,
    cookie: { sameSite: "lax" },
  }),
);
// A page belongs to one user: no cache may hand it to another.
app.use((_request, response, next) => {
  response.set("Cache-Control", "private, no-store");
  next();
});

/** Takes the user from the session, never from what the page says. */
const userOf = (request) => USERS.find(({ id }) => id === request.session.userId);
const proofOf = ({ id, name, email, plan }) => signUser({ id, name, email, plan }, VAMBE_IDENTITY_SECRET);

app.get("/", async (request, response) => {
  const user = userOf(request);
  response.send(accountPage(user, user ? { id: user.id, proof: await proofOf(user) } : null));
});

/** For pages that stay open: a fresh proof, before the first one is too old. */
app.get("/vambe-proof", async (request, response) => {
  const user = userOf(request);
  if (!user) return response.sendStatus(401);
  response.type("text").send(await proofOf(user));
});

app.post("/login", (request, response, next) => {
  // A new session at each login: whoever knew the old one's id is not in the new one.
  request.session.regenerate((error) => {
    if (error) return next(error);
    request.session.userId = request.body.user;
    response.redirect(303, "/");
  });
});

app.post("/logout", (request, response, next) => {
  request.session.destroy((error) => (error ? next(error) : response.redirect(303, "/")));
});

const server = app.listen(Number(PORT), "localhost");
process.once("SIGTERM", () => server.close(() => exchange.close()));
