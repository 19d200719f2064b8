import { expect, test } from "vitest";
import { mountExchange } from "../../support/mounted-exchange.ts";
import { rawExchange } from "../../support/raw-request.ts";
import { startWorld } from "../../support/world.ts";

const PATHS = ["/livez", "/identify", "/nowhere", "/vambe-identity.js", "/problems/not-found", "/readyz"];

test("where the public URL is https every answer says so: for a year, and not for subdomains", async () => {
  await using world = await startWorld({ environment: { VAMBE_PUBLIC_URL: "https://id.example.com" } });
  for (const method of ["GET", "POST", "OPTIONS"]) {
    for (const path of PATHS) {
      const { headers } = await world.page.send(path, { method });
      expect([method, path, headers["strict-transport-security"]]).toEqual([
        method,
        path,
        "max-age=31536000",
      ]);
    }
  }
  for (const bytes of ["NONSENSE\r\n\r\n", `GET / HTTP/1.1\r\nX: ${"x".repeat(100_000)}\r\n\r\n`]) {
    expect(await rawExchange(world.exchange.port, bytes)).toMatch(
      /^strict-transport-security: max-age=31536000\r$/m,
    );
  }
});

test("an app that mounts the handler gets it too", async () => {
  await using mounted = await mountExchange({ publicUrl: "https://id.example.com" });
  const answer = await mounted.fetch(new Request("https://id.example.com/livez"));
  expect(answer.headers.get("strict-transport-security")).toBe("max-age=31536000");
});

test.each([
  ["over http, where browsers would not believe it", "http://localhost:8787"],
  ["on this machine, where it would be for whatever else is served there", "https://localhost"],
  ["the same by its address", "https://127.0.0.1"],
  ["the same in IPv6", "https://[::1]"],
  ["the same below it", "https://id.localhost"],
  ["on a port of its own, where it would be for the host's other ports too", "https://www.example.com:8443"],
  ["below a path, where the site's own header counts for the host", "https://www.example.com/identity"],
])("%s none does", async (_, publicUrl) => {
  await using mounted = await mountExchange({ publicUrl });
  const answer = await mounted.fetch(new Request(`${publicUrl}/livez`));
  expect(answer.status).toBe(200);
  expect(answer.headers.get("strict-transport-security")).toBeNull();
});
