import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { z } from "zod/mini";
import { UnfitInput } from "./columns.ts";

const count = z.int().check(z.gte(0));

/** How far an import has come: it goes on from there after it was broken off. */
const checkpoint = z.object({
  /** The file that is read, as it was. */
  file: z.object({ size: count, mtimeMs: z.number() }),
  channel: z.string(),
  map: z.record(z.string(), z.string()),
  /** Where its rows go: the settings for that, as text. */
  target: z.string(),
  /** So many rows have been dealt with. */
  rows: count,
  failedBytes: count,
  counts: z.object({ sent: count, known: count, failed: count, waiting: count }),
});

export type Checkpoint = z.output<typeof checkpoint>;

export const checkpointPath = (input: string): string => `${input}.import`;

/** Written whole or not at all. */
export function writeCheckpoint(path: string, now: Checkpoint): void {
  writeFileSync(`${path}-new`, `${JSON.stringify(now)}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}-new`, path);
}

export const removeCheckpoint = (path: string): void => rmSync(path, { force: true });

/** `undefined` where there is none. @throws {UnfitInput} where it is damaged */
export function readCheckpoint(path: string): Checkpoint | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (Object(error).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return checkpoint.parse(JSON.parse(text));
  } catch {
    throw new UnfitInput(
      `cannot be resumed: ${path} is damaged. Import without --resume: whom Vambe has already costs no call`,
    );
  }
}

/** Which import it is: of this file, so, and with these settings. */
export type Same = Pick<Checkpoint, "file" | "channel" | "map" | "target">;

/** Whether it is of this very import. @throws {UnfitInput} where it is not */
export function checkSame({ file, channel, map, target }: Checkpoint, now: Same): void {
  const anew = "Import without --resume: whom Vambe has already costs no call";
  if (file.size !== now.file.size || file.mtimeMs !== now.file.mtimeMs)
    throw new UnfitInput(`has changed since it was broken off. ${anew}`);
  if (channel !== now.channel || JSON.stringify(map) !== JSON.stringify(now.map))
    throw new UnfitInput(`was imported with other --channel or --map. ${anew}`);
  if (target !== now.target)
    throw new UnfitInput(
      `was imported with other settings (VAMBE_CHANNEL_ID, VAMBE_WHATSAPP_PHONE or VAMBE_FIELDS). ${anew}`,
    );
}
