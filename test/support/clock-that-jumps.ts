/**
 * Loaded into an exchange by `--import`: its clock is off by as many milliseconds as the file says that
 * `CLOCK_IS_OFF_BY` names, from the moment on when the file is written.
 */
import { readFileSync } from "node:fs";

const RealDate = Date;

function offset(): number {
  try {
    return Number(readFileSync(process.env.CLOCK_IS_OFF_BY ?? "", "utf8"));
  } catch {
    return 0;
  }
}

globalThis.Date = class extends RealDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(RealDate.now() + offset());
    else super(...(given as [number]));
  }

  static override now(): number {
    return RealDate.now() + offset();
  }
} as DateConstructor;
