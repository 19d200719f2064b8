/**
 * Whether what is written to this output is read by a person, in colours: on a terminal, unless `NO_COLOR` says otherwise,
 * and wherever `FORCE_COLOR` says so. Both as Node has them: `FORCE_COLOR` counts first, and `0` means none.
 */
export function isForPerson(
  { FORCE_COLOR, NO_COLOR, TERM }: NodeJS.ProcessEnv,
  output: { isTTY?: boolean },
): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return output.isTTY === true && !NO_COLOR && TERM !== "dumb";
}
