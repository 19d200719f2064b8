import type { Settings } from "../settings/check-settings.ts";
import { OPTIONS } from "../settings/table.ts";
import { type Finding, failed, skipped } from "./finding.ts";
import { LIMIT_MS, NotTold, TooLong, within } from "./limits.ts";
import type { Patient } from "./patient.ts";
import { Unreachable } from "./reach.ts";

export interface Check {
  name: string;
  run(patient: Patient): Promise<Finding[]>;
}

/** The settings that a check needs, none of which is wrong or missing. */
type Needed<Option extends keyof Settings> = { [Name in Option]-?: Exclude<Settings[Name], undefined> };

interface Around {
  patient: Patient;
  /** Ends with the check's time. */
  signal: AbortSignal;
}

interface About<Option extends keyof Settings> {
  name: string;
  /** Settings without which it has nothing to look at. */
  needs?: readonly Option[];
  /** Settings that it may do without: where one is wrong, that is what there is to say. */
  reads?: readonly (keyof Settings)[];
  /** What is shared with other checks, and has a limit of its own. What it rejects with is for `look` to see. */
  after?: (patient: Patient) => Promise<unknown>;
  /** What to do where it never ends. */
  ifItHangs?: string;
  look(settings: Needed<Option>, around: Around): Finding | Finding[] | Promise<Finding | Finding[]>;
}

/** A check that ends: with what it has found, or with why it has found nothing. */
export function check<Option extends keyof Settings = never>(about: About<Option>): Check {
  const { name, needs = [], reads = [], after, ifItHangs, look } = about;
  const run = async (patient: Patient): Promise<Finding[]> => {
    const missing = needs.filter((option) => patient.holds[option] === undefined);
    if (missing.length > 0) {
      return [skipped(name, `needs ${missing.map(variableOf).join(" and ")}, which is not set, or wrong`)];
    }
    const wrong = reads.map(variableOf).filter((variable) => isWrong(variable, patient));
    if (wrong.length > 0) return [skipped(name, `${wrong.join(" and ")} is wrong: see the settings`)];
    await after?.(patient).catch(() => {});
    const signal = AbortSignal.timeout(LIMIT_MS);
    try {
      const settings = patient.holds as Needed<Option>;
      return [await within(signal, async () => look(settings, { patient, signal }))].flat();
    } catch (error) {
      if (error instanceof NotTold) return [skipped(name, error.message)];
      if (error instanceof Unreachable) return [failed(name, error.message, error.remedy)];
      if (error instanceof TooLong) return [tooLong(name, ifItHangs)];
      return [failed(name, `could not be looked at (${nameOf(error)})`, "report it as a fault of doctor")];
    }
  };
  return { name, run };
}

const tooLong = (name: string, remedy = "look at what it has to reach, and run doctor again"): Finding =>
  failed(name, `has no answer within ${LIMIT_MS / 1000} seconds`, remedy);

const variableOf = (option: keyof Settings): string => {
  const setting = OPTIONS[option];
  return "variable" in setting ? setting.variable : option;
};

/** By its name and code: a message could quote anything. */
const nameOf = (error: unknown): string =>
  error instanceof Error ? [error.name, Object(error).code].filter(Boolean).join(" ") : "unknown";

const isWrong = (variable: string, { mistakes }: Patient): boolean =>
  mistakes.some(({ setting }) => setting.replace(/_FILE$/, "") === variable);
