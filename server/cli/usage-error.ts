/** The words on the command line are wrong, in contrast to the surroundings: the command ends with exit code 2. */
export class UsageError extends Error {}
