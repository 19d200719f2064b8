import type { Bulk } from "./bulk.ts";
import type { Carried } from "./carried.ts";
import type { Contacts } from "./contacts.ts";
import type { IdentifyCounts } from "./identify-counts.ts";
import type { MissingFields } from "./missing-fields.ts";
import type { OneUser } from "./one-user.ts";
import type { Outbox } from "./outbox.ts";
import type { Purge } from "./purge.ts";
import type { Restore } from "./restore.ts";
import type { SecretUses } from "./secret-uses.ts";
import type { Secrets } from "./secrets.ts";
import type { Shared } from "./shared.ts";
import type { UsedProofs } from "./used-proofs.ts";
import type { WriteProof } from "./write-proof.ts";

/** What has been asked for and what Vambe has confirmed, one row a user, and what stands beside it. */
export interface Ledger
  extends Bulk,
    Contacts,
    IdentifyCounts,
    MissingFields,
    OneUser,
    Outbox,
    Purge,
    Restore,
    Secrets,
    SecretUses,
    UsedProofs,
    WriteProof {
  /** A channel's rows, to be carried: those of others are another exchange's, or another loop's. */
  carrying(channelId: string): Carried;
  /** Only where several instances may have the same ledger at once. */
  readonly shared?: Shared;
  /**
   * Called by the process that is going to deliver, before it does. Where it is the only one that can, what
   * another has left under way is free at once; a command that only looks in must not call it.
   * @param how `yields`: it looks at `isWanted` now and then, and hands over what it has taken over
   */
  takeOver(how?: { yields?: boolean }): Promise<void>;
  /** Whether another process asks to be the one that delivers, where only one can be. */
  isWanted(): boolean;
  /** Lets another process deliver. Nothing may be under way. */
  handOver(): void;
  close(): Promise<void>;
}
