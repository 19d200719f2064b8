/** What a systemd unit says, as far as the tests look at it. A setting that comes more than once is a list. */
export function readUnit(text: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const line of text.replace(/\\\n\s*/g, "").split("\n")) {
    const [, name, value = ""] = /^(\w+)=(.*)$/.exec(line.trim()) ?? [];
    if (name !== undefined) settings.set(name, [...(settings.get(name) ?? []), value]);
  }
  return settings;
}

/** The one value of a setting. @throws where there is none, or more */
export function only(unit: ReadonlyMap<string, string[]>, name: string): string {
  const values = unit.get(name) ?? [];
  if (values.length !== 1) throw new Error(`the unit has ${name} ${values.length} times`);
  return values[0] ?? "";
}

/** `TimeoutStopSec=30` and the like in milliseconds. */
export const milliseconds = (seconds: string) => Number(/^(\d+)s?$/.exec(seconds)?.[1]) * 1000;
