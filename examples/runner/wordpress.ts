import { randomBytes } from "node:crypto";
import { cpSync, lstatSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, join } from "node:path";
import type { Place } from "./example.ts";
import { runCommand, startProcess } from "./process.ts";
import { WORDPRESS_FILES } from "./programs.ts";

/** Real WordPress with the plugin, in a database that is started for it and goes with it. */
export async function prepareWordPress({ folder, url, environment }: Place): Promise<() => Promise<void>> {
  layFiles(folder);
  const user = userInfo().username;
  const socket = join(folder, "db.sock");
  Object.assign(environment, {
    SITE_URL: url,
    SITE_SECRET: randomBytes(32).toString("hex"),
    SITE_PASSWORD: randomBytes(16).toString("hex"),
    DB_SOCKET: socket,
    DB_USER: user,
    // A page asks for more than one thing at a time.
    PHP_CLI_SERVER_WORKERS: "4",
  });
  const database = startProcess(
    [
      "mariadbd",
      "--no-defaults",
      `--user=${user}`,
      `--datadir=${join(folder, "db")}`,
      `--socket=${socket}`,
      "--skip-networking",
      "--skip-grant-tables",
      "--innodb-flush-log-at-trx-commit=0",
    ],
    { cwd: folder },
  );
  await runCommand(
    ["php", "-d", "error_reporting=E_ALL & ~E_DEPRECATED", "-d", "sendmail_path=true", "site/setup.php"],
    {
      cwd: folder,
      environment,
    },
  ).catch(async (error: unknown) => {
    await database.stop();
    throw new Error(`${error}\nThe database said:\n${database.output()}`);
  });
  return database.stop;
}

function layFiles(folder: string): void {
  const wordpress = join(folder, "wordpress");
  const content = join(wordpress, "wp-content");
  cpSync(WORDPRESS_FILES, wordpress, {
    recursive: true,
    // Debian's package shares libraries with others, which are not needed here.
    filter: (path) => !lstatSync(path).isSymbolicLink() && basename(path) !== "wp-config.php",
  });
  cpSync(join(folder, "site/wp-config.php"), join(wordpress, "wp-config.php"));
  cpSync(join(folder, "site/theme"), join(content, "themes/example"), { recursive: true });
  cpSync(join(folder, "site/mu-plugins"), join(content, "mu-plugins"), { recursive: true });
  cpSync(join(folder, "vambe-identity"), join(content, "plugins/vambe-identity"), { recursive: true });
  mkdirSync(join(folder, "db"));
}
