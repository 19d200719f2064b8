import type { Deliveries } from "../delivery/deliveries.ts";
import type { Parts } from "../identify.ts";
import type { Ledger } from "../ledger/contract/ledger.ts";
import type { DataKey } from "../ledger/data-key.ts";
import type { ProvenWrites } from "../ledger/proven-writes.ts";
import type { Settings } from "../settings/check-settings.ts";
import type { TokenSigner } from "../token/token.ts";
import type { Admission } from "./admission/admission.ts";
import type { PageAnswers } from "./page-answers.ts";
import type { WidgetFiles } from "./widget-files.ts";

/** What tells how the exchange is. */
export interface Health {
  ledger: Pick<Ledger, "outbox" | "oldestPending">;
  writes: Pick<ProvenWrites, "prove">;
  deliveries: Pick<Deliveries, "pause">;
  /** Aborted when the exchange is about to stop. */
  stopping?: AbortSignal | undefined;
}

/** What the endpoints need. */
export interface Served extends Parts {
  settings: Settings;
  answers: PageAnswers;
  admission: Pick<Admission, "begin" | "refusal">;
  health: Health;
  tokens: Pick<TokenSigner, "sign" | "jwks">;
  widget: WidgetFiles;
  /** By which an operator's command is known. */
  operatorKey: Pick<DataKey, "vouch">;
}
