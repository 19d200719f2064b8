/** The options of the command are wrong, or do not go with the settings. */
export class UnfitWords extends Error {}
