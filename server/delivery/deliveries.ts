import type { Ledger } from "../ledger/contract/ledger.ts";
import type { UserKey } from "../ledger/user-key.ts";
import type { Log } from "../log.ts";
import type { Readings } from "../observer.ts";
import { senderIn, type WhatsappSender } from "../vambe/whatsapp-sender.ts";
import { DeliveryLoop, type LoopParts } from "./delivery-loop.ts";
import { OwnTurns } from "./pace.ts";
import type { Receipt } from "./waiting-pages.ts";

/** What carries one channel's rows, or several channels'. */
export type DeliveryParts = Omit<LoopParts, "ledger" | "turns"> & { ledger: Ledger };

/**
 * Carries each channel's rows by a loop of its own, all of them at one pace: what Vambe refuses in one channel, such as a
 * sender on WhatsApp that there is not, stops nobody in the other.
 */
export class Deliveries {
  readonly #loops: ReadonlyMap<string, DeliveryLoop>;
  readonly #first: DeliveryLoop;

  /** @param channels the webchat first: its pages wait */
  constructor(channels: readonly [string, ...string[]], { ledger, log, ...parts }: DeliveryParts) {
    const turns = ledger.shared ?? (channels.length > 1 ? new OwnTurns() : undefined);
    const make = (channelId: string) =>
      new DeliveryLoop({
        ...parts,
        ledger: {
          ...ledger,
          ...ledger.carrying(channelId),
        },
        log: ofChannel(log, channelId),
        turns,
      });
    const [first, ...others] = channels;
    this.#first = make(first);
    this.#loops = new Map([[first, this.#first], ...others.map((one) => [one, make(one)] as const)]);
  }

  start(): void {
    for (const loop of this.#loops.values()) loop.start();
  }

  /** Takes nothing new on and resolves when what is under way has been settled. The rest stays in the ledger. */
  async stop(): Promise<void> {
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop()));
  }

  /** See `DeliveryLoop`. */
  deliver(key: UserKey, generation: number, patienceMs: number, isNew = true): Promise<Receipt> {
    const loop = this.#loops.get(key.channelId) ?? this.#first;
    return loop.deliver(key, generation, patienceMs, isNew);
  }

  /** Something has been recorded under this channel, for which nobody waits. */
  wake(channelId: string): void {
    this.#loops.get(channelId)?.wake();
  }

  /** That of the webchat, or else of WhatsApp, which is named then. */
  get pause(): (NonNullable<DeliveryLoop["pause"]> & { channel?: WhatsappSender["channel"] }) | undefined {
    for (const [channelId, { pause }] of this.#loops) {
      const channel = senderIn(channelId)?.channel;
      if (pause) return { ...pause, ...(channel && { channel }) };
    }
    return undefined;
  }

  get readings(): Omit<NonNullable<Readings["deliveries"]>, "perSecond"> {
    const readings = [...this.#loops.values()].map((loop) => loop.readings);
    return {
      pause: this.pause,
      underWay: readings.reduce((sum, { underWay }) => sum + underWay, 0),
      waitingPages: readings.reduce((sum, { waitingPages }) => sum + waitingPages, 0),
    };
  }
}

/** What is said of WhatsApp says so. */
function ofChannel(log: Log, channelId: string): Log {
  const channel = senderIn(channelId)?.channel;
  if (!channel) return log;
  return {
    info: (event, fields) => log.info(event, { ...fields, channel }),
    warn: (event, fields) => log.warn(event, { ...fields, channel }),
    error: (event, fields) => log.error(event, { ...fields, channel }),
  };
}
