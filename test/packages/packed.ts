import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { copySource, tarballIn } from "../../examples/runner/tarball.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export type Packed = ReturnType<typeof packPackage>;

/** The package as a publisher packs it, from the source as it stands: `npm pack`, which builds it first. */
export function packPackage() {
  const folder = temporaryFolder();
  let tarball: string;
  try {
    tarball = packInto(folder.path);
  } catch (error) {
    folder.remove();
    throw error;
  }

  return {
    tarball,
    /** A file of the build that it was packed from, by its path in `dist/`. */
    built: (path: string) => folder.file(`source/dist/${path}`),
    /**
     * An app with nothing in it but the package, unpacked, and the libraries that it names. `react=react18` is what
     * this checkout has as `react18`, and the app as `react`.
     */
    installInto(name: string, libraries: readonly string[]): string {
      const app = folder.file(name);
      const modules = join(app, "node_modules");
      mkdirSync(join(modules, "vambe-identity"), { recursive: true });
      const target = join(modules, "vambe-identity");
      run("tar", ["-xzf", tarball, "--strip-components=1", "-C", target], app);
      for (const entry of libraries) {
        const [library = entry, alias] = entry.split("=");
        const at = join(modules, library);
        mkdirSync(dirname(at), { recursive: true });
        // A link would find its peers where it leads to: in this checkout, and not in the app.
        if (alias) cpSync(join(ROOT, "node_modules", alias), at, { recursive: true });
        else symlinkSync(join(ROOT, "node_modules", library), at);
      }
      return app;
    },
    [Symbol.dispose]: folder.remove,
  };
}

/** Packs a copy of the source, so that neither this checkout's build nor its tests are disturbed. */
function packInto(folder: string): string {
  const source = copySource(join(folder, "source"));
  run("npm", ["pack", "--pack-destination", folder], source);
  return tarballIn(folder);
}

/** Runs a program, or one of this checkout's tools. Returns what it said; throws with all of it where it fails. */
export function run(
  program: string,
  args: string[],
  cwd: string,
  environment: Record<string, string> = {},
): string {
  // What npm and vitest hand down to the tests, another npm and the build of an app would take for their own.
  const own = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_ENV$|^VITEST/.test(name));
  const PATH = `${ROOT}node_modules/.bin:${process.env.PATH}`;
  try {
    return execFileSync(program, args, {
      cwd,
      env: { ...Object.fromEntries(own), PATH, NO_COLOR: "1", FORCE_COLOR: "0", ...environment },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
  }
}
