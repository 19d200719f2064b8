import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { createPage } from "../../support/page.ts";
import { signProof } from "../../support/proofs.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { freshSettings, ORIGIN } from "../../support/world.ts";

/** `script` of util-linux makes the terminal, and closes it as it dies. */
test.runIf(process.platform === "linux")("an exchange whose terminal is closed goes on", async () => {
  using folder = temporaryFolder();
  const { environment, secret } = freshSettings();
  const PORT = `${await freePort()}`;
  const pidFile = folder.file("pid");
  const command = `echo $$ > '${pidFile}'; exec '${process.execPath}' server/cli/main.ts serve`;
  const terminal = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: new URL("../../..", import.meta.url),
    env: { PATH: process.env.PATH, ...environment, HOST: "127.0.0.1", PORT },
    stdio: ["pipe", "pipe", "ignore"],
  });
  let text = "";
  terminal.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
  await eventually("it listens", () => /\blistening\b/.test(text));
  const pid = Number(readFileSync(pidFile, "utf8"));
  try {
    const page = createPage(`http://127.0.0.1:${PORT}`, ORIGIN);
    terminal.kill("SIGKILL");
    await once(terminal, "close");
    for (const id of ["a", "b", "c"])
      expect((await page.identify({ id }, signProof(secret, id))).status).toBe(200);
    process.kill(pid, "SIGTERM");
    process.kill(pid, "SIGINT");
    const isGone = () =>
      page.send("/livez", {}).then(
        () => false,
        () => true,
      );
    await eventually("it has stopped", isGone);
  } catch (error) {
    process.kill(pid, "SIGKILL");
    throw error;
  }
});
