import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificateAuthority, selfSigned } from "../../support/certificate.ts";
import { freePort } from "../../support/free-port.ts";
import { createPage } from "../../support/page.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { hang, type Misbehaviour, reply, startUpstream, type Upstream } from "../../support/upstream.ts";
import { type HealthyWorld, type Mark, startHealthyWorld } from "./doctor.ts";

let world: HealthyWorld;
let upstream: Upstream;
beforeAll(async () => {
  world = await startHealthyWorld();
  upstream = await startUpstream(hang);
});
afterAll(async () => {
  await upstream.close();
  await world[Symbol.asyncDispose]();
});

/** In Vambe's place, as a site's proxy or another company's server would be. */
const instead = (how: Misbehaviour, args?: string[]) => {
  upstream.behave(how);
  return world.doctor({ VAMBE_API_URL: upstream.url }, args);
};
const OF_THE_PAST = (seconds: number) => new Date(Date.now() - seconds * 1000).toUTCString();
const JSON_TYPE = { "content-type": "application/json" };

describe("the account", () => {
  test("a key that Vambe does not take", async () => {
    const { code, shows } = await world.doctor({ VAMBE_API_KEY: "another-key-0123456789" });
    expect(code).toBe(1);
    shows("✓", "reached", /answers/);
    shows("✗", "API key", /is not accepted \(401: Unauthorized\. Invalid API key\.\)/, /VAMBE_API_KEY/);
    shows("–", "VAMBE_STAGE_ID", /answers 401/);
    shows("–", "VAMBE_AGENT_ID", /answers 401/);
  });

  test("a stage and an agent that are not there", async () => {
    const nobodys = "11111111-2222-4333-8444-555555555555";
    const { shows } = await world.doctor({ VAMBE_STAGE_ID: nobodys, VAMBE_AGENT_ID: nobodys });
    shows(
      "✗",
      "VAMBE_STAGE_ID",
      /is not a stage of the account's pipelines: Vambe lists 2/,
      /take the id from Vambe/,
    );
    shows(
      "✗",
      "VAMBE_AGENT_ID",
      /is not a member of the account's team: Vambe lists 1/,
      /take VAMBE_AGENT_ID out/,
    );
  });

  test("neither set: nothing is looked for", async () => {
    const { shows } = await world.doctor({ VAMBE_STAGE_ID: "", VAMBE_AGENT_ID: "" });
    shows("–", "VAMBE_STAGE_ID", /is not set/);
    shows("–", "VAMBE_AGENT_ID", /is not set/);
  });

  test("lists in another form prove nothing", async () => {
    const { shows } = await instead(reply(200, '{"pipelines":[]}', JSON_TYPE));
    shows("–", "VAMBE_STAGE_ID", /another form than its API reference says/);
  });

  test("a quota that is used up", async () => {
    world.vambe.standIn.setFault("quota");
    const { shows } = await world.doctor();
    world.vambe.standIn.setFault("normal");
    shows("!", "API key", /too many requests \(429\)/, /run doctor again/);
  });

  /** The lists as they are, and something else to who upserts. */
  const toUpserts =
    (status: number, body: unknown): Misbehaviour =>
    (socket, seen) =>
      seen.head.startsWith("GET ")
        ? reply(200, "[]", JSON_TYPE)(socket, seen)
        : reply(status, JSON.stringify(body), JSON_TYPE)(socket, seen);

  test("--send says what Vambe says, without what was sent", async () => {
    const refusal = toUpserts(400, { message: "Channel not found for user-of-a-test-77" });
    const { shows, text } = await instead(refusal, ["--send", "user-of-a-test-77"]);
    shows(
      "✗",
      "a test user",
      /has not taken the contact: refused \(400\): Channel not found/,
      /VAMBE_CHANNEL_ID/,
    );
    expect(text).not.toContain("user-of-a-test-77");
  });

  test("--send notices another organization than before", async () => {
    const page = createPage(world.exchange.url, "http://localhost:3000");
    const { status } = (await page.identify({ id: "somebody" }, world.proofFor("somebody"))).identity();
    expect(status).toBe("delivered");
    const contact = { id: crypto.randomUUID(), client_id: crypto.randomUUID() };
    const { shows } = await instead(toUpserts(201, contact), ["--send", "test-user"]);
    shows("✗", "a test user", /another organization/, /a database of its own/);
  });
});

const ELSEWHERE: [what: string, how: Misbehaviour, says: RegExp][] = [
  [
    "a web page",
    reply(200, "<!doctype html><title>Welcome</title>", { "content-type": "text/html" }),
    /a web page answers \(200\)/,
  ],
  [
    "a redirect",
    reply(302, "", { location: "https://login.example.com/?from=vambe" }),
    /leads to https:\/\/login\.example\.com\//,
  ],
  ["another API", reply(404, '{"error":"no such thing"}', JSON_TYPE), /knows no pipelines \(404\)/],
];

describe("the way to Vambe", () => {
  test.each(ELSEWHERE)("%s answers in its place", async (_, how, says) => {
    const { shows } = await instead(how);
    shows("✗", "reached", says, /mend VAMBE_API_URL/);
  });

  test("it answers an error", async () => {
    const { shows } = await instead(reply(500, '{"message":"Internal server error"}', JSON_TYPE));
    shows("✗", "API key", /Vambe answers 500: Internal server error/, /run doctor again/);
  });

  test("nobody listens", async () => {
    const { shows } = await world.doctor({ VAMBE_API_URL: `http://127.0.0.1:${await freePort()}` });
    shows("✗", "reached", /nobody listens there/, /VAMBE_API_URL/);
    shows("–", "VAMBE_STAGE_ID", /Vambe could not be asked/);
    shows("–", "clock", /nobody could be reached/);
  });

  test("a name that is not in the DNS", async () => {
    const { shows } = await world.doctor({ VAMBE_API_URL: "https://api.vambe.invalid" });
    shows("✗", "reached", /api\.vambe\.invalid (is not in the DNS|cannot be looked up)/, /DNS/);
  });

  test("it never answers: everything else is looked at all the same, and it ends", async () => {
    const { code, shows } = await instead(hang, ["--send", "test-user"]);
    expect(code).toBe(1);
    shows("✗", "reached", /does not answer in time/, /firewall/);
    shows("–", "VAMBE_AGENT_ID", /Vambe could not be asked/);
    shows("✗", "a test user", /has not taken the contact: TimeoutError/);
    shows("✓", "this exchange", /has this database/);
  });
});

describe("TLS", () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());
  const authority = certificateAuthority();

  test.each<[string, { key: string; cert: string }, string, Mark, RegExp, RegExp]>([
    [
      "of a stranger",
      selfSigned("localhost"),
      "",
      "✗",
      /certificate that it has signed itself/,
      /somebody else is in between/,
    ],
    [
      "of an authority that is not known",
      authority.issue("localhost"),
      "",
      "✗",
      /authority that is not known|whole chain/,
      /./,
    ],
    [
      "for another name",
      authority.issue("other.example.com"),
      authority.cert,
      "✗",
      /certificate for another name/,
      /VAMBE_API_URL/,
    ],
    ["as it should be", authority.issue("localhost"), authority.cert, "✓", /answers over TLS/, /^$/],
  ])("a certificate %s", async (what, certificate, trusted, mark, says, remedy) => {
    const server = createTlsServer(certificate, (_, response) => response.end("[]"));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const extra = folder.file(`${what}.pem`);
    writeFileSync(extra, trusted);
    const { shows } = await world.doctor({
      VAMBE_API_URL: `https://localhost:${port}`,
      ...(trusted && { NODE_EXTRA_CA_CERTS: extra }),
    });
    shows(mark, "reached", says, remedy);
    server.close();
    server.closeAllConnections();
  });
});

describe("the clock", () => {
  test.each<[number, Mark, RegExp]>([
    [300, "✗", /is (29\d|30\d) s ahead of that of Vambe: proofs are refused/],
    [-300, "✗", /is (29\d|30\d) s behind that of Vambe: proofs are refused/],
    [48, "!", /is 4\d s ahead of that of Vambe: from 60 s on/],
    [5, "✓", /is [45] s ahead|agrees/],
  ])("%i seconds before Vambe's", async (seconds, mark, says) => {
    const { shows } = await instead((socket, seen) =>
      reply(200, "[]", { ...JSON_TYPE, date: OF_THE_PAST(seconds) })(socket, seen),
    );
    shows(mark, "clock", says, mark === "✓" ? /^$/ : /time server/);
  });
});
