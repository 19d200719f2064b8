import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const GO_SOURCES = "/usr/share/gocode/src/github.com/golang-jwt/jwt";
/** Where .ci/install-languages puts it. */
const PHP_JWT = process.env.VAMBE_TEST_PHP_JWT ?? join(ROOT, "node_modules/.cache/php-jwt/src");
const JAVA_CLASSPATH = process.env.VAMBE_TEST_JAVA_CLASSPATH;

/** What it takes to run a recipe. */
export interface Language {
  /** The recipe's file in its folder. */
  file: string;
  command: readonly [string, ...string[]];
  environment?: Record<string, string>;
  /** Lays the libraries beside the recipe, as a project of that language would have them. */
  prepare?(folder: string): void;
  /** What is not to be had on this machine. */
  missing?: string | undefined;
}

const runs = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

/** Debian's own Python first: another one that comes before it on the path does not see Debian's packages. */
const python = ["/usr/bin/python3", "python3"].find((command) =>
  runs(command, "-c", "import jwt; jwt.encode"),
);

const goJwt = ["v5", ".", "v4"]
  .map((folder) => join(GO_SOURCES, folder))
  .find((at) => existsSync(`${at}/token.go`));

/** By the name of the recipe. */
export const LANGUAGES: Record<string, Language> = {
  Node: { file: "page.mjs", command: [process.execPath, "page.mjs"], prepare: installPackages },
  "Node with jose": { file: "page.mjs", command: [process.execPath, "page.mjs"], prepare: installPackages },
  PHP: {
    file: "page.php",
    command: ["php", "-d", "display_errors=stderr", "page.php"],
    prepare: autoload,
    missing: !runs("php", "--version")
      ? "there is no php"
      : existsSync(join(PHP_JWT, "JWT.php"))
        ? undefined
        : "firebase/php-jwt is not there (VAMBE_TEST_PHP_JWT names its folder src)",
  },
  Python: {
    file: "page.py",
    command: [python ?? "python3", "page.py"],
    missing: python ? undefined : "there is no Python 3 with PyJWT",
  },
  Ruby: {
    file: "page.rb",
    command: ["ruby", "page.rb"],
    missing: runs("ruby", "-e", 'require "jwt"') ? undefined : "there is no Ruby with the gem jwt",
  },
  Go: {
    file: "page.go",
    command: ["go", "run", "page.go"],
    environment: { GO111MODULE: "off", GOFLAGS: "", GOTOOLCHAIN: "local" },
    prepare: layGopath,
    missing: goJwt && runs("go", "version") ? undefined : "there is no Go with Debian's golang-jwt",
  },
  Java: {
    file: "Page.java",
    command: ["java", "-cp", JAVA_CLASSPATH ?? "", "Page.java"],
    missing: JAVA_CLASSPATH ? undefined : "VAMBE_TEST_JAVA_CLASSPATH does not name java-jwt and Jackson",
  },
  "C#": { file: "Page.cs", command: ["false"], missing: "the .NET libraries cannot be had here" },
};

/** Runs a program and returns its output. Throws, showing all that it said, where it fails. */
export function run(
  program: string,
  language: Language,
  folder: string,
  environment: Record<string, string>,
): string {
  writeFileSync(join(folder, language.file), program);
  language.prepare?.(folder);
  const [command, ...args] = language.command;
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: process.env.PATH,
      HOME: homedir(),
      LANG: "C.UTF-8",
      GOPATH: join(folder, "gopath"),
      ...language.environment,
      ...environment,
    },
  });
  if (status !== 0) throw new Error(`${command} ended with ${status ?? error}:\n${stdout}${stderr}`);
  return stdout;
}

/** This package as it was built last, which `npm test` does first. */
function installPackages(folder: string): void {
  const own = join(folder, "node_modules/vambe-identity");
  mkdirSync(own, { recursive: true });
  cpSync(join(ROOT, "package.json"), join(own, "package.json"));
  cpSync(join(ROOT, "dist/server"), join(own, "dist/server"), { recursive: true });
  symlinkSync(join(ROOT, "node_modules/jose"), join(folder, "node_modules/jose"));
}

/** What `composer require firebase/php-jwt` would lay down. */
function autoload(folder: string): void {
  mkdirSync(join(folder, "vendor"));
  const loader = `<?php spl_autoload_register(function ($class) {
    require ${JSON.stringify(PHP_JWT)} . str_replace(["Firebase\\\\JWT", "\\\\"], ["", "/"], $class) . ".php";
  });`;
  writeFileSync(join(folder, "vendor/autoload.php"), loader);
}

/** Debian's library under the name of version 5: where it is version 4, what the recipe uses of it is the same. */
function layGopath(folder: string): void {
  const target = join(folder, "gopath/src/github.com/golang-jwt/jwt/v5");
  mkdirSync(target, { recursive: true });
  cpSync(goJwt ?? "", target, { recursive: true });
}
