import type { Delivery } from "../ledger/row.ts";
import { nameOf, notAmong, type UserKey } from "../ledger/user-key.ts";
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
   * @param most how many at the most
   * @param isUnderWay whether this instance is carrying the row of that name
   * @param lanes who comes last, and with them all rows that have failed before
   * @returns the rows, none where there are none, or `again` where pages have had their turns for nothing
   */
  async take(
    most: number,
    isUnderWay: (name: string) => boolean,
    { last, mayTakeLast }: Lanes,
  ): Promise<readonly Delivery[] | "again"> {
    const isLast = last.size > 0 || !mayTakeLast;
    const first = await this.#takeBut(last, most, isUnderWay, isLast);
    if (first === "again" || first.length > 0 || !mayTakeLast) return first;
    const others = isLast ? await this.#takeBut(NOBODY, most, isUnderWay) : [];
    return others === "again" || others.length > 0 ? others : some(await this.#fields.takeProbe());
  }

  async #takeBut(
    except: ReadonlySet<string>,
    most: number,
    isUnderWay: (name: string) => boolean,
    isUntried = false,
  ): Promise<readonly Delivery[] | "again"> {
    const pages = this.#nextPages(except, most);
    if (pages.length === 0) {
      this.#pagesInARow = 0;
      return some(await this.#ledger.takeNext(Date.now(), { except: [...except], isUntried }));
    }
    this.#pagesInARow += pages.length;
    // A page whose user is under way gets another turn when that has ended.
    const free = pages.filter((page) => !isUnderWay(nameOf(page)));
    if (free.length === 0) return "again";
    const taken = await this.#ledger.take(free, Date.now());
    await Promise.all(notAmong(free, taken).map((page) => this.#tellUnlessElsewhere(page)));
    return taken.length > 0 ? taken : "again";
  }

  /** Where another instance carries a page's row, that one tells when it has ended. Never rejects. */
  async #tellUnlessElsewhere(page: UserKey): Promise<void> {
    const isUnderWay = await this.#ledger.shared?.isUnderWay(page).catch(() => false);
    if (!isUnderWay) this.#pages.tell(page, { status: "queued" });
  }

  #nextPages(except: ReadonlySet<string>, most: number): UserKey[] {
    const pages: UserKey[] = [];
    while (pages.length < Math.min(most, PAGES_IN_A_ROW - this.#pagesInARow)) {
      const page = this.#pages.nextTurn(except);
      if (!page) break;
      pages.push(page);
    }
    return pages;
  }
}

const some = (delivery: Delivery | undefined): readonly Delivery[] => (delivery ? [delivery] : []);
