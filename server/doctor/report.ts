import { version } from "#built-in";
import { tidied } from "../user-rules.ts";
import type { Section } from "./examination.ts";
import { type Finding, type Verdict, worstOf } from "./finding.ts";

const MARKS: Record<Verdict, string> = { ok: "✓", warning: "!", failed: "✗", skipped: "–" };

/** What is wrong is also what a process reports by: 1 as other commands do, and 3 where there are warnings alone. */
export const EXIT_CODES = { ok: 0, warning: 3, failed: 1 } as const;

const allOf = (sections: readonly Section[]): Finding[] => sections.flatMap(({ findings }) => findings);

/** For a person at a terminal. */
export function textOf(sections: readonly Section[]): string {
  const findings = allOf(sections);
  const width = Math.max(...findings.map(({ name }) => name.length));
  const parts = sections
    .filter((section) => section.findings.length > 0)
    .map(({ section, findings }) =>
      [section, ...findings.map((finding) => lineOf(finding, width))].join("\n"),
    );
  return [...parts, sumOf(findings)].join("\n\n");
}

function lineOf({ name, verdict, says, remedy }: Finding, width: number): string {
  const indent = " ".repeat(width + 6);
  const line = `  ${MARKS[verdict]} ${name.padEnd(width)}  ${onLines(says, indent)}`;
  return remedy === undefined ? line : `${line}\n${indent}→ ${onLines(remedy, indent)}`;
}

/** What a terminal would obey is left out: some of the words are Vambe's, or of what stands in its place. */
const onLines = (text: string, indent: string) =>
  text
    .split("\n")
    .map((line) => tidied(line))
    .filter((line) => line !== "")
    .join(`\n${indent}  `);

function sumOf(findings: readonly Finding[]): string {
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const [good, bad, warned] = [count("ok"), count("failed"), count("warning")];
  const worst = {
    ok: "All is as it should be",
    warning: "It works, with warnings",
    failed: "Something is wrong",
  };
  return `${worst[worstOf(findings)]}: ${good} ✓, ${warned} !, ${bad} ✗, ${count("skipped")} –`;
}

/** The same for a machine. */
export const jsonOf = (sections: readonly Section[]) => ({
  version,
  verdict: worstOf(allOf(sections)),
  checks: sections.flatMap(({ section, findings }) => findings.map((finding) => ({ section, ...finding }))),
});
