import { expect, test } from "vitest";
import { createLog } from "../../../../server/log.ts";
import { createAskSession } from "../../../../server/proof/session/endpoint.ts";
import { freePort } from "../../../support/free-port.ts";
import { refusalIn } from "../../../support/refusal.ts";

test("an endpoint may be in a private network, since the operator has written its address", async () => {
  const lines: string[] = [];
  const ask = createAskSession({
    url: `https://app.internal.example:${await freePort()}/me`,
    publicUrl: "https://id.example.com",
    fields: {},
    log: createLog((line) => lines.push(line)),
    lookup: async () => [{ address: "127.0.0.1", family: 4 }],
  });
  expect(refusalIn((await ask({ cookie: "sid=1" })).user)).toBe("issuer-unavailable");
  // It got there, and nobody listens.
  expect(JSON.parse(lines[0] ?? "").cause).toMatch(/ECONNREFUSED/);
});
