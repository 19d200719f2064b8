import { type Listening, startListening } from "../../support/listening.ts";

/** The site's own "who am I": Ana, to whom it hands two cookies anew each time. */
export const startSite = (): Promise<Listening> =>
  startListening((request, response) => {
    const isAna = /\bsid=ana\b/.test(request.headers.cookie ?? "");
    response.setHeader("set-cookie", COOKIES);
    response.writeHead(isAna ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify(isAna ? { id: "ana-session", name: "Ana Rivera" } : { error: "nobody" }));
  });

export const COOKIES = ["sid=ana; Path=/; HttpOnly", "seen=Thu, 01 Jan 2026 00:00:00 GMT; Path=/"];
