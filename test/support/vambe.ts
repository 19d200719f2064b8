import { getRequestListener } from "@hono/node-server";
import { createVambeStandIn, type StandInOptions, type VambeStandIn } from "../../demo/vambe/stand-in.ts";
import { type Listening, startListening } from "./listening.ts";

export interface RunningVambe extends Listening {
  /** Contacts, upserts and faults of the stand-in that keeps Vambe's published contract. */
  standIn: VambeStandIn;
}

/** The stand-in for Vambe's API behind a real socket. */
export async function startVambe(options: StandInOptions): Promise<RunningVambe> {
  const standIn = createVambeStandIn(options);
  return { standIn, ...(await startListening(getRequestListener(standIn.fetch))) };
}
