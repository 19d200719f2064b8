import type { WhatHolds } from "../settings/environment.ts";
import { backlog } from "./backlog.ts";
import type { Check } from "./check.ts";
import { clock } from "./clock.ts";
import { fileDurable, fileOwner, fileServed, fileSpace } from "./database/file.ts";
import { unlocked, writable } from "./database/kept.ts";
import { openForDoctor } from "./database/open.ts";
import { postgres } from "./database/postgres.ts";
import { databaseReached } from "./database/reached.ts";
import type { Finding } from "./finding.ts";
import { shared } from "./limits.ts";
import { node } from "./node.ts";
import { arriveAt } from "./outside/arrival.ts";
import { preflights } from "./outside/preflights.ts";
import { publicUrl } from "./outside/reached.ts";
import { thisExchange } from "./outside/this-exchange.ts";
import { widget } from "./outside/widget.ts";
import type { Patient } from "./patient.ts";
import { issuers } from "./proofs/issuers.ts";
import { secretUse, webchatSecret } from "./proofs/secrets.ts";
import { session } from "./proofs/session.ts";
import { signingKey } from "./proofs/signing-keys.ts";
import { settings } from "./settings.ts";
import { vambeAgent, vambeChannel, vambeKey, vambeStage } from "./vambe/account.ts";
import { askPipelines } from "./vambe/ask.ts";
import { vambeSend } from "./vambe/send.ts";

/** By section, as they are printed. The share of proven identifies of the last day belongs to the proofs. */
const SECTIONS: readonly [section: string, checks: readonly Check[]][] = [
  ["Settings", [settings]],
  ["This machine", [node, clock]],
  [
    "Database",
    [databaseReached, fileOwner, fileSpace, fileDurable, fileServed, postgres, writable, unlocked],
  ],
  ["Vambe", [vambeKey, vambeStage, vambeAgent, vambeChannel, vambeSend]],
  ["Proofs", [issuers, session, secretUse, webchatSecret, signingKey]],
  ["From outside", [publicUrl, thisExchange, preflights, widget]],
  ["Waiting for Vambe", [backlog]],
];

export interface Section {
  section: string;
  findings: Finding[];
}

/**
 * Looks at everything at once, each check within its own time. Nothing is sent to Vambe but what reads.
 * @param sendTo a test user, for whom a real upsert is made
 */
export async function examine(known: WhatHolds, sendTo: string | undefined): Promise<Section[]> {
  const { holds } = known;
  const patient: Patient = {
    ...known,
    sendTo,
    database: shared(() => openForDoctor(holds)),
    vambe: shared((signal) => askPipelines(holds, signal)),
    arrival: shared((signal) => arriveAt(holds, signal)),
  };
  const sections = await Promise.all(
    SECTIONS.map(async ([section, checks]) => {
      const findings = await Promise.all(checks.map(({ run }) => run(patient)));
      return { section, findings: findings.flat() };
    }),
  );
  const opened = await patient.database().catch(() => undefined);
  void opened?.ledger.close().catch(() => {});
  return sections;
}
