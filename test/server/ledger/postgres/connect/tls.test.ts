import { rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLedger } from "../../../../../server/ledger/open.ts";
import { certificateAuthority, selfSigned } from "../../../../support/certificate.ts";
import { dataKeyOf } from "../../../../support/data-key.ts";
import { eventually } from "../../../../support/eventually.ts";
import { PASSWORD, type RunningPostgres, startPostgres } from "../../../../support/postgres.ts";
import { temporaryFolder } from "../../../../support/temporary-folder.ts";

const authority = certificateAuthority();
const anotherAuthority = certificateAuthority();
const SSL = ["-c", "ssl=on", "-c", "ssl_cert_file=server.crt", "-c", "ssl_key_file=server.key"];
const filesOf = ({ cert, key }: { cert: string; key: string }) => ({ "server.crt": cert, "server.key": key });

const folder = temporaryFolder();
const file = (name: string, content: string) => {
  writeFileSync(folder.file(name), content);
  return encodeURIComponent(folder.file(name));
};
const ROOT = file("root.crt", authority.cert);
const OTHER_ROOT = file("other-root.crt", anotherAuthority.cert);

/** `ours`: a certificate of our authority; `lonely`: of nobody; `strict`: in by TLS with a certificate alone. */
const servers = {} as Record<"ours" | "lonely" | "strict" | "plain", RunningPostgres>;
const lonely = selfSigned("localhost");
const LONELY = file("lonely.crt", lonely.cert);
beforeAll(async () => {
  const certified = filesOf(authority.issue("localhost"));
  servers.ours = await startPostgres(SSL, certified);
  servers.lonely = await startPostgres(SSL, filesOf(lonely));
  servers.strict = await startPostgres([...SSL, "-c", "ssl_ca_file=root.crt"], {
    ...certified,
    "root.crt": authority.cert,
    "pg_hba.conf": "hostssl all all all cert\n",
  });
  servers.plain = await startPostgres();
});
afterAll(async () => {
  for (const server of Object.values(servers)) await server[Symbol.asyncDispose]();
  folder.remove();
});

const urlOf = (server: keyof typeof servers, host: string, query: string) =>
  `postgres://tester:${PASSWORD}@${host}:${servers[server].port}/postgres?${query}`;

/** "encrypted" or "plain" where it works, or what is said. */
async function tryIt(server: keyof typeof servers, host: string, query: string): Promise<string> {
  const ledger = await openLedger(urlOf(server, host, query), dataKeyOf("key"), "channel");
  try {
    await ledger.takeOver();
    await ledger.outbox();
    if (server === "strict") return "encrypted";
    const [row] = await servers[server].run(
      urlOf(server, "127.0.0.1", ""),
      "SELECT bool_and(ssl) AS encrypted FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'vambe-identity'",
    );
    return row?.encrypted ? "encrypted" : "plain";
  } catch (error) {
    return String(error);
  } finally {
    await ledger.close();
  }
}

/** `npm run test:postgres` plays this on others, and names them in the path. */
const SINCE_17 = !/postgres-1[456]\./.test(process.env.VAMBE_TEST_POSTGRES ?? "");

describe("PostgreSQL with a certificate of an authority of one's own", () => {
  test.each([
    ["verify-full", `sslmode=verify-full&sslrootcert=${ROOT}`, "localhost"],
    ["what names the authority and no mode", `sslrootcert=${ROOT}`, "localhost"],
    ["require", `sslmode=require&sslrootcert=${ROOT}`, "localhost"],
    [
      "verify-ca, by an address that the certificate does not have",
      `sslmode=verify-ca&sslrootcert=${ROOT}`,
      "127.0.0.1",
    ],
    ["no-verify", "sslmode=no-verify", "127.0.0.1"],
    ["channel binding", `sslmode=verify-full&sslrootcert=${ROOT}&channel_binding=prefer`, "localhost"],
  ])("is spoken to with %s", async (_, query, host) => {
    expect(await tryIt("ours", host, query)).toBe("encrypted");
  });

  // The servers before it wait to be asked.
  test.runIf(SINCE_17)("is spoken to with TLS from the first byte", async () => {
    const query = `sslmode=verify-full&sslrootcert=${ROOT}&sslnegotiation=direct`;
    expect(await tryIt("ours", "localhost", query)).toBe("encrypted");
  });

  test("is spoken to in the clear with disable, and without a word", async () => {
    expect(await tryIt("ours", "localhost", "sslmode=disable")).toBe("plain");
    expect(await tryIt("ours", "localhost", "")).toBe("plain");
  });

  test.each(["verify-full", "require"])(
    "and another name is not, with %s, and it is said what to do",
    async (mode) => {
      const said = await tryIt("ours", "127.0.0.1", `sslmode=${mode}&sslrootcert=${ROOT}`);
      expect(said).toMatch(/certificate for another name than the host.*write the host as/);
    },
  );

  test.each(["verify-full", "require", "verify-ca"])(
    "is refused with %s where the authority is not known",
    async (mode) => {
      const root = mode === "verify-ca" ? `&sslrootcert=${OTHER_ROOT}` : "";
      const said = await tryIt("ours", "localhost", `sslmode=${mode}${root}`);
      expect(said).toMatch(/authority that is not known here.*sslrootcert=<path>/);
    },
  );
});

test("a certificate that a server has signed itself is refused, and taken where it is named", async () => {
  expect(await tryIt("lonely", "localhost", "sslmode=verify-full")).toMatch(
    /signed itself.*sslrootcert=<path>/,
  );
  expect(await tryIt("lonely", "localhost", `sslmode=verify-full&sslrootcert=${LONELY}`)).toBe("encrypted");
});

test("a server without TLS is refused where TLS is asked for", async () => {
  const said = await tryIt("plain", "localhost", "sslmode=verify-full");
  expect(said).toMatch(/offers no TLS: turn it on/);
});

describe("a server that lets nobody in without TLS and a certificate of the client's", () => {
  test("is given one", async () => {
    const { cert, key } = authority.issue("tester");
    const own = `sslcert=${file("own.crt", cert)}&sslkey=${file("own.key", key)}`;
    expect(await tryIt("strict", "localhost", `sslmode=verify-full&sslrootcert=${ROOT}&${own}`)).toBe(
      "encrypted",
    );
  });

  test("says what it lacks", async () => {
    expect(await tryIt("strict", "localhost", "sslmode=disable")).toMatch(
      /without TLS: add \?sslmode=verify-full/,
    );
    const said = await tryIt("strict", "localhost", `sslmode=verify-full&sslrootcert=${ROOT}`);
    expect(said).toMatch(/wants a certificate of the exchange's own/);
  });
});

test("a file that cannot be read is named by what names it", async () => {
  const said = await tryIt("ours", "localhost", "sslmode=verify-full&sslrootcert=%2Fnot%2Fthere");
  expect(said).toMatch(/VAMBE_DATABASE_URL has a \?sslrootcert= whose file cannot be read \(ENOENT\)/);
  expect(said).not.toContain("/not/there");
});

test("files that do not fit are named by what names them", async () => {
  const own = `sslcert=${file("a.crt", authority.issue("tester").cert)}&sslkey=${file("b.key", authority.issue("tester").key)}`;
  const said = await tryIt("ours", "localhost", `sslmode=verify-full&sslrootcert=${ROOT}&${own}`);
  expect(said).toMatch(/sslcert and sslkey have to be PEM, and the key that of the certificate/);
});

test("a file that is renewed counts for the next connection, and one that is gone for a moment as it was", async () => {
  const root = file("renewed.crt", authority.cert);
  const connecting = await openLedger(
    urlOf("ours", "localhost", `sslmode=verify-full&sslrootcert=${root}&max=1`),
    dataKeyOf("key"),
    "channel",
  );
  const newConnection = async () => {
    await servers.ours.run(
      urlOf("ours", "127.0.0.1", ""),
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vambe-identity'",
    );
    return eventually("the old connection is noticed", () =>
      connecting.outbox().then(
        () => "in",
        (error) => (/terminated|57P01|stopped/.test(String(error)) ? undefined : String(error)),
      ),
    );
  };
  await connecting.takeOver();
  rmSync(folder.file("renewed.crt"));
  expect(await newConnection()).toBe("in");
  file("renewed.crt", anotherAuthority.cert);
  expect(await newConnection()).toMatch(/authority that is not known/);
  file("renewed.crt", authority.cert);
  expect(await newConnection()).toBe("in");
  await connecting.close();
});
