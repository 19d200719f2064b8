export type Verdict = "ok" | "skipped" | "warning" | "failed";

/** What a check has found, in words for an operator. Never a secret, a proof, a name or an email. */
export interface Finding {
  name: string;
  verdict: Verdict;
  says: string;
  remedy?: string;
}

export const ok = (name: string, says: string): Finding => ({ name, verdict: "ok", says });
export const skipped = (name: string, says: string): Finding => ({ name, verdict: "skipped", says });
export const warning = (name: string, says: string, remedy: string): Finding => ({
  name,
  verdict: "warning",
  says,
  remedy,
});
export const failed = (name: string, says: string, remedy: string): Finding => ({
  name,
  verdict: "failed",
  says,
  remedy,
});

/** The worst of all; what was skipped is as good as what holds. */
export function worstOf(findings: readonly Finding[]): Exclude<Verdict, "skipped"> {
  const has = (verdict: Verdict) => findings.some((finding) => finding.verdict === verdict);
  return has("failed") ? "failed" : has("warning") ? "warning" : "ok";
}
