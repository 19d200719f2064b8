import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Program } from "./example.ts";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache", import.meta.url));

/** WordPress' own files: where .ci/install-wordpress puts them, or another folder with `wp-load.php` in it. */
export const WORDPRESS_FILES = process.env.VAMBE_EXAMPLE_WORDPRESS ?? join(CACHE, "wordpress");
/** Debian puts servers where only root's shell looks. */
export const PATH_OF_SERVERS = [process.env.PATH, "/usr/sbin", "/usr/local/sbin"].join(delimiter);

const runs = (command: string, ...args: string[]) =>
  spawnSync(command, args, { env: { PATH: PATH_OF_SERVERS } }).status === 0;

/** Debian's own Python first: another one that comes before it on the path does not see Debian's packages. */
export const PYTHON =
  ["/usr/bin/python3", "python3"].find((python) => runs(python, "-c", "import flask, jwt")) ?? "python3";

export const PHP: Program = {
  name: "PHP",
  isThere: () => runs("php", "--version"),
  install: "On Debian and Ubuntu: apt-get install php-cli. On macOS: brew install php.",
};

export const FLASK: Program = {
  name: "Python 3 with Flask and PyJWT",
  isThere: () => runs(PYTHON, "-c", "import flask, jwt"),
  install:
    "On Debian and Ubuntu: apt-get install python3-flask python3-jwt. Elsewhere: python3 -m pip install flask pyjwt.",
};

export const PHP_MYSQL: Program = {
  name: "PHP's extension mysqli",
  isThere: () => runs("php", "-r", "exit(extension_loaded('mysqli') ? 0 : 1);"),
  install: "On Debian and Ubuntu: apt-get install php-mysql. On macOS it comes with php.",
};

export const MARIADB: Program = {
  name: "MariaDB (mariadbd)",
  isThere: () => runs("mariadbd", "--version"),
  install: "On Debian and Ubuntu: apt-get install mariadb-server-core. On macOS: brew install mariadb.",
};

export const WORDPRESS: Program = {
  name: "WordPress",
  isThere: () => existsSync(join(WORDPRESS_FILES, "wp-load.php")),
  install:
    "On Debian and Ubuntu: .ci/install-wordpress. Elsewhere: unpack WordPress, and name its folder in VAMBE_EXAMPLE_WORDPRESS.",
};
