import type { Delivery } from "../ledger/row.ts";
import { nameOf } from "../ledger/user-key.ts";
import type { DeliveryLedger } from "./delivery-ledger.ts";
import type { Lanes } from "./lanes.ts";
import type { MissingFieldProbes } from "./missing-fields.ts";
import type { WaitingPages } from "./waiting-pages.ts";

/** After this many pages in a row it is the backlog's turn: it must move, however many pages come. */
const PAGES_IN_A_ROW = 4;

const NOBODY: ReadonlySet<string> = new Set();

/** Chooses whose row is taken next: pages that wait, the backlog, and at last what looks for missing fields. */
export class NextDelivery {
  readonly #ledger: DeliveryLedger;
  readonly #pages: WaitingPages;
  readonly #fields: MissingFieldProbes;
  #pagesInARow = 0;

  constructor(ledger: DeliveryLedger, pages: WaitingPages, fields: MissingFieldProbes) {
    this.#ledger = ledger;
    this.#pages = pages;
    this.#fields = fields;
  }

  /**
   * @param isUnderWay whether this instance is carrying the row of that name
   * @param lanes who comes last, and with them all rows that have failed before
   * @returns the row, `undefined` where there is none, or `again` where a page has had its turn for nothing
   */
  async take(
    isUnderWay: (name: string) => boolean,
    { last, mayTakeLast }: Lanes,
  ): Promise<Delivery | "again" | undefined> {
    if (last.size === 0 && mayTakeLast)
      return (await this.#takeBut(last, isUnderWay)) ?? this.#fields.takeProbe();
    const first = await this.#takeBut(last, isUnderWay, true);
    if (first || !mayTakeLast) return first;
    return (await this.#takeBut(NOBODY, isUnderWay)) ?? this.#fields.takeProbe();
  }

  async #takeBut(
    except: ReadonlySet<string>,
    isUnderWay: (name: string) => boolean,
    isUntried = false,
  ): Promise<Delivery | "again" | undefined> {
    const page = this.#pagesInARow < PAGES_IN_A_ROW ? this.#pages.nextTurn(except) : undefined;
    if (!page) {
      this.#pagesInARow = 0;
      return this.#ledger.takeNext(Date.now(), { except: [...except], isUntried });
    }
    this.#pagesInARow += 1;
    // A page whose user is under way gets another turn when that has ended.
    if (isUnderWay(nameOf(page))) return "again";
    const delivery = await this.#ledger.take(page, Date.now());
    if (delivery) return delivery;
    // Where another instance carries it, that one tells when it has ended.
    if (!(await this.#ledger.shared?.isUnderWay(page))) this.#pages.tell(page, { status: "queued" });
    return "again";
  }
}
