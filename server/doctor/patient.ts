import type { WhatHolds } from "../settings/environment.ts";
import type { OpenDatabase } from "./database/open.ts";
import type { Arrival } from "./outside/arrival.ts";
import type { Reached } from "./reach.ts";

/** What is looked at: the settings, and what several checks have to reach, each reached once. */
export interface Patient extends WhatHolds {
  /** A test user, for whom a real upsert is made. */
  sendTo: string | undefined;
  /** The database as a command opens it. Rejects with what stands in the way. */
  database(): Promise<OpenDatabase>;
  /** Vambe's answer to a call that reads. Rejects with `Unreachable`. */
  vambe(): Promise<Reached>;
  /** What answers at the public URL. Rejects with `Unreachable`. */
  arrival(): Promise<Arrival>;
}
