import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of the first of these programs that this machine has: each a name to look up or a path. */
export function findProgram(...programs: string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = programs.flatMap((program) =>
    program.startsWith("/") ? [program] : folders.map((folder) => join(folder, program)),
  );
  return paths.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
