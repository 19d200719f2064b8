import { readSome } from "../settings/environment.ts";
import { senderIn } from "../vambe/whatsapp-sender.ts";
import { takesNoMore, UsageError } from "./arguments.ts";
import { appendErased, unlockedKey } from "./erased.ts";
import type { Command, Words } from "./outbox-command.ts";

const FOLLOWS = "A running exchange follows within five seconds, at its pace.";

export const retry: Command = {
  takes: ["all"],
  prepare: (words) => {
    const id = oneOrAll("retry", words);
    return async (ledger) => {
      const due = await ledger.retry(id, Date.now());
      if (due === 0 && id !== undefined) throw new Error("nothing of this user waits");
      return { json: { due_now: due }, text: `Due now: ${due}. ${FOLLOWS}` };
    };
  },
};

export const resend: Command = {
  takes: ["all"],
  prepare: (words) => {
    const id = oneOrAll("resend", words);
    return async (ledger) => {
      const { rows, due } = await ledger.resend(id, Date.now());
      if (rows === 0 && id !== undefined) throw new Error("nothing is kept of this user");
      return {
        json: { sent_when_they_come: rows, due_now: due },
        text: `Nothing counts as confirmed any more of: ${rows}. Each is sent in full with the next identify.\nDue now, of what still waits: ${due}. ${FOLLOWS}`,
      };
    };
  },
};

export const move: Command = {
  takes: ["all", "from", "to"],
  prepare: (words) => {
    const { values, environment } = words;
    const id = oneOrAll("move", words);
    const from = readChannel("--from", values.from);
    const isOnWhatsapp = senderIn(from) !== undefined;
    const setting = isOnWhatsapp ? "VAMBE_WHATSAPP_PHONE" : "VAMBE_CHANNEL_ID";
    const to =
      values.to === undefined
        ? readChannel(`--to (or ${setting})`, environment[setting]?.trim() || undefined, isOnWhatsapp)
        : readChannel("--to", values.to);
    if (from === to) throw new UsageError("--from and --to are the same channel");
    if (isOnWhatsapp !== (senderIn(to) !== undefined))
      throw new UsageError("--from and --to must be two webchat channels, or two numbers on WhatsApp");
    return async (ledger) => {
      const key = await unlockedKey(environment, ledger);
      const { moved, merged, underWay } = await ledger.move({ from, to, userId: id }, key, Date.now());
      if (moved + underWay === 0 && id !== undefined)
        throw new Error(`nothing of this user waits under channel ${from}`);
      return {
        json: { moved, merged, under_way: underWay },
        text: [
          `Moved: ${moved}, of which ${merged} had a row under channel ${to} already. An exchange whose ${setting} that is follows within five seconds, at its pace.`,
          ...(underWay > 0
            ? [
                `Left: ${underWay}, which an exchange of channel ${from} was just carrying. Stop it, and run this again.`,
              ]
            : []),
        ].join("\n"),
      };
    };
  },
};

export const forget: Command = {
  takes: ["erased"],
  prepare: ({ values: { erased, json }, ids: [id, ...more], environment }) => {
    takesNoMore(more, "outbox");
    if (id === undefined) throw new UsageError("forget takes the id of one user");
    return async (ledger) => {
      // First: whoever is forgotten and not in the list would come back with a backup.
      if (erased !== undefined) appendErased(erased, await unlockedKey(environment, ledger), id);
      const found = await ledger.forget(id);
      const gone = found
        ? "Forgotten: the database knows nothing of this user any more."
        : "Nothing is kept of this user.";
      // At once: what follows may take a while, and may fail.
      if (!json) console.log(gone);
      // Also where nothing was found: what an earlier call has deleted may still be in the files.
      const reached = await ledger.purge("contacts");
      return {
        json: { forgotten: found, reached },
        text: `${reached}\nNot reached from here: the contact at Vambe, backups of the database, and your own site, which makes the user known again with the next identify.`,
      };
    };
  },
};

/** The user that is meant; `undefined` for all. */
function oneOrAll(name: string, { values, ids: [id, ...more] }: Words): string | undefined {
  takesNoMore(more, "outbox");
  if ((id === undefined) === (values.all === undefined)) {
    throw new UsageError(`${name} takes the id of one user, or --all`);
  }
  return id;
}

/** As the setting is checked, so that nothing is moved to where no exchange can be. */
function readChannel(option: string, text: string | undefined, isOnWhatsapp = false): string {
  if (text === undefined) throw new UsageError(`move takes ${option}: the UUID of a channel`);
  try {
    if (isOnWhatsapp || senderIn(text))
      return readSome({ VAMBE_WHATSAPP_PHONE: text }, ["whatsappPhone"]).whatsappPhone ?? text;
    return readSome({ VAMBE_CHANNEL_ID: text }, ["channelId"]).channelId ?? text;
  } catch {
    throw new UsageError(
      `${option} must be the UUID of a webchat channel, or whatsapp:+5511987654321 as outbox list shows it`,
    );
  }
}
