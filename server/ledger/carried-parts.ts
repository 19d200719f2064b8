import type { Carried } from "./contract/carried.ts";
import type { Contacts } from "./contract/contacts.ts";
import type { Outbox } from "./contract/outbox.ts";

/** The rows of one channel, out of the parts of a ledger that were made for it. */
export const carriedBy = (contacts: Contacts, outbox: Outbox): Carried => ({
  take: (users, now) => contacts.take(users, now),
  takeNext: (now, which) => contacts.takeNext(now, which),
  takeWithheld: (field, now) => contacts.takeWithheld(field, now),
  settle: (delivery, settlement, now) => contacts.settle(delivery, settlement, now),
  nextDueAt: (now) => contacts.nextDueAt(now),
  wakeAll: (now) => contacts.wakeAll(now),
  reopen: (since, now) => contacts.reopen(since, now),
  oldestPending: () => outbox.oldestPending(),
  ofOtherChannels: (most) => outbox.ofOtherChannels(most),
});
