/** A setting that is wrong: its name (the variable, or the option of `createExchange`) and how to mend it. */
export interface SettingMistake {
  setting: string;
  detail: string;
}

/** Thrown at the start, with all mistakes at once. Never holds a value: a value may be a secret. */
export class SettingsError extends Error {
  readonly mistakes: readonly SettingMistake[];

  constructor(mistakes: readonly SettingMistake[]) {
    super(
      `Settings need mending:\n${mistakes.map(({ setting, detail }) => `  ${setting} ${detail}`).join("\n")}`,
    );
    this.name = "SettingsError";
    this.mistakes = mistakes;
  }
}
