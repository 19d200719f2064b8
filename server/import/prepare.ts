import { readPhoneFor } from "../claim/read-phone-for.ts";
import type { Settings } from "../settings/check-settings.ts";
import { readSome } from "../settings/environment.ts";
import type { Environment } from "../types.ts";
import { senderIn } from "../vambe/whatsapp-sender.ts";
import type { CarrierSettings } from "./carrier.ts";
import type { JudgeOptions } from "./claims-of-row.ts";
import { columnsOf, mappedColumns, OWN_TRAITS } from "./columns.ts";
import { type Source, sourceOf } from "./input-file.ts";
import { type InputRow, readInput } from "./rows.ts";
import { UnfitWords } from "./unfit-words.ts";

const NEEDED = [
  "apiKey",
  "apiKeyPrevious",
  "apiUrl",
  "channelId",
  "whatsappPhone",
  "phoneCountry",
  "fields",
  "stageId",
  "agentId",
  "source",
  "maxRate",
  "databaseUrl",
] as const;

const CHANNELS = ["webchat", "whatsapp", "web-whatsapp"];

/** What the operator says on the command line. */
export interface ImportWords {
  channel: string;
  /** Trait → column. */
  map: Readonly<Record<string, string>>;
}

/** A file that can be imported, with all that is needed for it. */
export interface Prepared {
  settings: CarrierSettings;
  words: ImportWords;
  source: Source;
  /** Of CSV. */
  columns: string[] | undefined;
  /** Columns that go nowhere. */
  unused: string[];
  judge: JudgeOptions;
  rows: AsyncIterable<InputRow>;
}

/** @throws {UnfitWords | UnfitInput | SettingsError} */
export async function prepareImport(
  path: string,
  words: ImportWords,
  environment: Environment,
): Promise<Prepared> {
  const { channel, map } = words;
  const settings = readSome(environment, NEEDED) as CarrierSettings & Pick<Settings, "phoneCountry">;
  const onWhatsappOnly = channel !== "webchat";
  if (!CHANNELS.includes(channel)) throw new UnfitWords(`--channel must be one of ${CHANNELS.join(", ")}`);
  if (onWhatsappOnly && senderIn(settings.whatsappPhone ?? "")?.channel !== channel)
    throw new UnfitWords(
      `--channel ${channel} needs your own number there in VAMBE_WHATSAPP_PHONE, such as ${channel === "whatsapp" ? "" : `${channel}:`}+5511987654321`,
    );
  if (settings.databaseUrl === "memory:")
    throw new UnfitWords(
      "VAMBE_DATABASE_URL is memory:, where nothing would be kept: set it to the exchange's database",
    );
  const source = sourceOf(path);
  const { columns, rows } = await readInput(source.open());
  const listed = Object.keys(settings.fields);
  const { traitOf, unused } = columns
    ? columnsOf(columns, { map, listed, required: [onWhatsappOnly ? "phone" : "id"] })
    : { traitOf: mappedColumns(map, [...OWN_TRAITS, "company", ...listed]), unused: [] };
  const readPhone = await readPhoneFor(settings);
  return {
    settings,
    words,
    source,
    columns,
    unused,
    rows,
    judge: {
      target: { ...settings, readPhone },
      onWhatsappOnly,
      traitOf,
      takesOthers: columns === undefined,
      asOf: source.asOf,
    },
  };
}
