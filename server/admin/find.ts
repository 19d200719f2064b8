import type { Ledger } from "../ledger/contract/ledger.ts";
import type { KeptUser } from "../ledger/contract/one-user.ts";
import { PROBLEMS } from "../problems.ts";
import type { Recent, RecentRequest } from "./recent.ts";

/** What there is of a user, a request or a problem. */
export interface Found {
  /** The rows of the user with that id, one a channel. */
  users: KeptUser[];
  /** The request with that id, where this instance has answered it not long ago. */
  request?: RecentRequest;
  /** The problem with that name. */
  problem?: string;
}

/** Looks for a user's id, a request's id, or a problem's name. Compared letter by letter. */
export async function find(query: string, ledger: Ledger | undefined, recent: Recent): Promise<Found> {
  const request = recent.request(query);
  return {
    users: (await ledger?.keptOf(query)) ?? [],
    ...(request && { request }),
    ...(Object.hasOwn(PROBLEMS, query) && { problem: query }),
  };
}
