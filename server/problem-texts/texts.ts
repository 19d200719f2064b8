import { PROBLEMS } from "../problems.ts";
import type { Language } from "./language.ts";
import type { ProblemTexts } from "./problem-text.ts";

/** Title and remedy of every problem. Spanish and Portuguese are loaded when somebody first reads them. */
export async function problemTexts(language: Language): Promise<ProblemTexts> {
  if (language === "es") return (await import("./es.ts")).es;
  if (language === "pt") return (await import("./pt.ts")).pt;
  return PROBLEMS;
}
