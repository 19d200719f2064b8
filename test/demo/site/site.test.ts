import { decodeJwt, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenPort, openPort } from "../../../demo/port.ts";
import { createSite } from "../../../demo/site/site.ts";

const SECRET = "the-site-and-the-exchange-share-this-secret";
let port: OpenPort;
let secured = true;
let resent = 0;

beforeAll(async () => {
  port = await openPort(0);
  const { fetch } = createSite({
    url: port.url,
    exchangeUrl: "http://localhost:9999",
    vambeUrl: "http://localhost:9998",
    identitySecret: SECRET,
    chat: {
      secured: () => secured,
      setSecured: async (next) => {
        secured = next;
      },
    },
    resendAll: async () => {
      resent += 1;
    },
  });
  port.serve(fetch);
});
afterAll(() => port.close());

const post = (path: string, body: unknown, cookie = "") =>
  fetch(port.url + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", cookie },
  });

const get = async (path: string, cookie = "") =>
  (await fetch(port.url + path, { headers: { cookie } })).text();
const me = async (cookie: string) => JSON.parse(await get("/me", cookie));
const cookieOf = (answer: Response) => answer.headers.getSetCookie()[0] ?? "";

async function logIn(user: string): Promise<string> {
  return cookieOf(await post("/login", { user })).split(";")[0] ?? "";
}

test("a login sets a session cookie that no script can read", async () => {
  const answer = await post("/login", { user: "user-ana-01" });
  expect(answer.status).toBe(200);
  expect(cookieOf(answer)).toMatch(/^brujula_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
});

test("the session decides who one is, and ends with the log-out", async () => {
  const cookie = await logIn("user-bruno-02");
  expect(await me(cookie)).toMatchObject({ user: { id: "user-bruno-02", name: "Bruno Costa", plan: "pro" } });
  expect(await me("")).toEqual({ user: null });
  expect(await me("brujula_session=made-up")).toEqual({ user: null });
  await post("/logout", {}, cookie);
  expect(await me(cookie)).toEqual({ user: null });
});

test("switching the user ends the session before", async () => {
  const before = await logIn("user-ana-01");
  const after = cookieOf(await post("/login", { user: "user-carla-03" }, before));
  expect(await me(before)).toEqual({ user: null });
  expect(await me(after)).toMatchObject({ user: { id: "user-carla-03" } });
});

test("nobody else can log in", async () => {
  for (const user of ["nobody", "", undefined, ["user-ana-01", 1], "__proto__"]) {
    expect((await post("/login", { user })).status).toBe(401);
  }
});

test("the proof covers every trait, for ten minutes, for the exchange alone", async () => {
  const { user } = await me(await logIn("user-carla-03"));
  const { payload, protectedHeader } = await jwtVerify(user.proof, new TextEncoder().encode(SECRET), {
    audience: "vambe-identity",
  });
  expect(protectedHeader).toEqual({ alg: "HS256", typ: "JWT" });
  expect(payload).toEqual({
    sub: "user-carla-03",
    name: "Carla Núñez",
    email: "carla@example.com",
    plan: "enterprise",
    company: { name: "Farmacias Aurora" },
    aud: "vambe-identity",
    iat: expect.any(Number),
    exp: (payload.iat ?? 0) + 600,
    jti: expect.any(String),
  });
});

test("a phone that the site has verified is in the proof, as its owner wrote it, and in nobody else's", async () => {
  const phones = await Promise.all(
    ["user-ana-01", "user-bruno-02", "user-carla-03"].map(async (id) => {
      const { user } = await me(await logIn(id));
      return decodeJwt(user.proof).phone;
    }),
  );
  expect(phones).toEqual([undefined, "(41) 90000-1234", undefined]);
});

test("a changed plan is in the next proof", async () => {
  const cookie = await logIn("user-ana-01");
  const { user } = await (await post("/plan", { plan: "enterprise" }, cookie)).json();
  expect(JSON.parse(atob(user.proof.split(".")[1])).plan).toBe("enterprise");
  expect(await me(cookie)).toMatchObject({ user: { plan: "enterprise" } });
  expect((await post("/plan", { plan: "platinum" }, cookie)).status).toBe(400);
  expect((await post("/plan", { plan: "pro" })).status).toBe(401);
});

test("the page has the documented snippet, and asks for another language where one is chosen", async () => {
  const snippet = `<script>typeof VambeIdentify === "function" || (window.VambeIdentify = Object.assign((...call) => void (VambeIdentify.q ??= []).push(call), { current: null, reset: () => VambeIdentify(null) }))</script>
  <script async src="http://localhost:9999/vambe-identity.js" data-badge="bottom-left" data-signout
    data-webchat-client="demo-client" data-webchat-src="http://localhost:9998/webchat.js"></script>`;
  expect(await get("/")).toContain(snippet);
  expect(await get("/?lang=pt")).toContain('data-badge="bottom-left" data-lang="pt" data-signout\n');
  expect(await get('/?lang="><script>')).toContain(snippet);
});

test("the code that the page shows is its own", async () => {
  const page = await get("/");
  const [shown = ""] = /(?<=<pre><code>).*?(?=<\/code>)/s.exec(page) ?? [];
  const text = shown.replaceAll("&lt;", "<").replaceAll("&gt;", ">");
  expect(text.match(/<script/g)).toHaveLength(2);
  expect(page.replace(/\s+/g, " ")).toContain(text.trim().replace(/\s+/g, " "));
});

test("the switch for the chat's security is set through the site, and the page has it from the first paint", async () => {
  expect(await get("/")).toContain('"chatSecured":true');
  expect((await post("/chat-security", { secured: false })).status).toBe(200);
  expect(await get("/")).toContain('"chatSecured":false');
  for (const wrong of [{}, { secured: "yes" }, null]) {
    expect((await post("/chat-security", wrong)).status).toBe(400);
  }
  expect(secured).toBe(false);
});

test("everybody is sent again through the site, with a POST alone", async () => {
  expect((await fetch(`${port.url}/resend`)).status).toBe(404);
  expect(resent).toBe(0);
  expect((await post("/resend", {})).status).toBe(204);
  expect(resent).toBe(1);
});

test("the page is right from its first paint, and holds neither proof nor secret", async () => {
  const page = await get("/", await logIn("user-bruno-02"));
  expect(page).toContain('<body data-signed="in">');
  expect(page).not.toMatch(/eyJ[\w-]{30}/);
  expect(page).not.toContain(SECRET);
});

test("the page's modules come as plain JavaScript", async () => {
  const script = await fetch(`${port.url}/page/main.ts`);
  expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  const source = await script.text();
  expect(source).not.toContain("import type");
  for (const [, name] of source.matchAll(/from "\.\/([\w-]+\.ts)"/g)) {
    expect((await fetch(`${port.url}/page/${name}`)).status).toBe(200);
  }
  expect((await fetch(`${port.url}/page/..%2Fsite.ts`)).status).toBe(404);
});

test("under another name for the same machine, the page sends the visitor to its own origin", async () => {
  const answer = await fetch(port.url.replace("localhost", "127.0.0.1"), { redirect: "manual" });
  expect(answer.headers.get("location")).toBe(`${port.url}/`);
});
