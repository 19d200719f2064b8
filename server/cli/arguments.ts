import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** The words on the command line are wrong, in contrast to the surroundings: the command ends with exit code 2. */
export class UsageError extends Error {}

/**
 * The options and the other words of a command.
 * @throws {UsageError} where an option is not one of its own, or a word comes that it does not take
 */
export function readArguments<T extends ParseArgsOptionsConfig>(
  args: string[],
  options: T,
  { allowPositionals = true } = {},
) {
  try {
    return parseArgs({ args, options, allowPositionals });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "the options cannot be read");
  }
}

/** @throws {UsageError} where words are left that `command` does not take */
export function takesNoMore(words: readonly string[], command: string): void {
  if (words.length > 0) throw new UsageError(`"${words.join(" ")}" is not understood: see ${command} --help`);
}
