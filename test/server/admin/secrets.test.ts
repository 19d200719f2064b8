import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { startAdminWorld } from "../../support/admin.ts";
import { signProof } from "../../support/proofs.ts";

const [first, second] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];

test("an old secret is safe to retire once the new one is used, and not before", async () => {
  await using world = await startAdminWorld({ environment: { VAMBE_IDENTITY_SECRET: `${first},${second}` } });
  const secrets = async () => {
    const { ledger } = await world.admin.state();
    return ledger.isRead ? ledger.secrets.map(({ place, isSafeToRetire }) => [place, isSafeToRetire]) : [];
  };
  expect(await secrets()).toEqual([
    [1, false],
    [2, false],
  ]);
  await world.page.identify({ id: "ana" }, signProof(first, "ana"));
  // What an instance has counted it writes every ten seconds.
  await expect.poll(secrets, { timeout: 60_000 }).toEqual([
    [1, false],
    [2, true],
  ]);
});
