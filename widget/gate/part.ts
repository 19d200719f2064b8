import { install, isInstalled } from "../install.ts";
import type { PartOptions } from "../part.ts";
import { createGate } from "./gate.ts";

/** The gate for pages with a script tag. Reads `consent` of the settings. */
export function mount({
  data,
  start,
  declare,
}: Pick<PartOptions<never>, "data" | "start" | "declare">): void {
  // Another copy of the tag may have been quicker.
  if (isInstalled()) {
    declare();
    return;
  }
  install(createGate({ required: "consent" in data, start, data }), declare);
}
