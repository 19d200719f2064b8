import { spawn } from "node:child_process";
import { once } from "node:events";

/** Another process, such as a backup tool or an open shell, that has a database's write lock. Resolves when it has it. */
export async function holdWriteLock(path: string, forMs: number) {
  const script = `
    const db = new (require("node:sqlite").DatabaseSync)(${JSON.stringify(path)});
    db.exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE");
    console.log("held");
    setTimeout(() => { db.exec("COMMIT"); db.close(); }, ${forMs});`;
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close").then(() => {});
  await once(child.stdout, "data");
  return { isHeld: () => child.exitCode === null && child.signalCode === null, ended };
}
