import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { hang, startUpstream } from "../../support/upstream.ts";
import { freshSettings } from "../../support/world.ts";
import { runDoctor } from "./doctor.ts";

const DNS_THAT_HANGS = fileURLToPath(new URL("../../support/dns-that-hangs.ts", import.meta.url));

/** Each of them would wait for ever, and the process with it: that there is an end is each check's own limit. */
test("where nobody answers, each check says so, and the command ends by itself", async () => {
  await using silent = await startUpstream(hang);
  const { code, shows, lines } = await runDoctor(
    {
      ...freshSettings().environment,
      VAMBE_API_URL: silent.url,
      VAMBE_STAGE_ID: "0b8f6a52-3c1d-4e7a-8f25-9a4e6d1c7b01",
      VAMBE_AGENT_ID: "c3a7e5d1-92b4-4f60-a8c3-7e1d5b9f2a01",
      VAMBE_OIDC_ISSUER: silent.url,
      VAMBE_OIDC_AUDIENCE: "client-1",
      VAMBE_SESSION_URL: `${silent.url}/api/me`,
      VAMBE_PUBLIC_URL: silent.url,
      VAMBE_DATABASE_URL: `postgres://u:p@127.0.0.1:${new URL(silent.url).port}/db`,
    },
    ["--send", "test-user"],
  );
  expect(code).toBe(1);
  for (const name of ["reached", "a test user", "issuer", "VAMBE_SESSION_URL", "public URL", "database"])
    shows("✗", name, /in time|within|timeout|Timeout|too long/, name === "database" ? /./ : /^/);
  expect(
    lines.filter(({ mark, name }) => mark === "✓" && name !== "secrets").map(({ name }) => name),
  ).toEqual(["settings", "Node.js"]);
});

test("where the DNS says nothing at all, too", async () => {
  const { code, shows } = await runDoctor({
    ...freshSettings().environment,
    VAMBE_API_URL: "https://api.vambe.me",
    VAMBE_OIDC_ISSUER: "https://issuer.example.com",
    VAMBE_OIDC_AUDIENCE: "client-1",
    VAMBE_PUBLIC_URL: "https://id.example.com",
    VAMBE_DATABASE_URL: "postgres://u:p@db.example.com/db",
    NODE_OPTIONS: `--import=${DNS_THAT_HANGS}`,
  });
  expect(code).toBe(1);
  for (const name of ["reached", "issuer", "public URL", "database"])
    shows("✗", name, /in time|within|timeout|too long/);
});
