import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { reasonToSkip } from "../support/programs.ts";
import { rawRequest } from "../support/raw-request.ts";
import { openSite } from "./site.ts";

test("Vambe is down", async () => {
  await using site = await openSite();
  const { standIn } = site.vambe;
  await site.visited();
  standIn.setFault("down");
  expect(await site.signIn("waits", { name: "Jane Doe", plan: "premium" })).toBe("queued");
  await site.visited();
  await site.perform("Vambe is down", {
    elsewhere: { "When Vambe is back": () => standIn.setFault("normal") },
  });
  await site.visited();
  expect(await site.nobodyIsLost()).toEqual({ unanswered: 0 });
  await eventually("who waited has arrived", () =>
    standIn.contacts().some(({ external_user_id: id }) => id === "waits"),
  );
}, 600_000);

const missing = reasonToSkip("prlimit", "--version") ?? reasonToSkip("curl", "--version");
test.skipIf(missing)(
  `The disk is full${missing ? ` (skipped: ${missing})` : ""}`,
  async () => {
    await using site = await openSite();
    const { port, service } = site.first;
    const limit = (bytes: string) => execFileSync("prlimit", [`--fsize=${bytes}`, `--pid=${service.pid}`]);
    await site.visited();
    limit("4096:unlimited");
    const isReady = async () => (await rawRequest(`http://127.0.0.1:${port}/readyz`)).status === 200;
    await eventually("it is not ready", async () => !(await isReady()), { withinMs: 120_000, everyMs: 200 });
    await site.perform("The disk is full", {
      values: { "127.0.0.1:8787": `127.0.0.1:${port}` },
      elsewhere: { "Make room": () => void limit("unlimited:unlimited") },
    });
    await eventually("it is ready again", isReady, { withinMs: 120_000, everyMs: 200 });
    await site.visited();
    await site.nobodyIsLost();
  },
  600_000,
);
