import type { LedgerState } from "../state.ts";
import { ActionButton } from "./confirm.tsx";
import { Rows } from "./rows.tsx";
import { clock, number, put, span } from "./texts.ts";
import type { View } from "./view.ts";

type Read = Extract<LedgerState, { isRead: true }>;

/** Whether Vambe is called, and what waits for it. */
export function AtVambe({ view: { words, lang, state } }: { view: View }) {
  const { deliveries, ledger, at } = state.value;
  return (
    <section class={deliveries.paused ? "card bad" : "card"}>
      <h2>{words.atVambe}</h2>
      {deliveries.paused ? (
        <>
          <p class="verdict">
            {words.pauses}
            {deliveries.until !== undefined &&
              ` ${put(words.pausesUntil, { time: clock(deliveries.until) })}`}
          </p>
          <p>{because(words.because, deliveries.because)}</p>
          <p class="muted">{words.nothingLost}</p>
        </>
      ) : (
        <p class="verdict">
          {words.carries},{" "}
          <small>{put(words.carriesUpTo, { rate: number(lang, deliveries.perSecond) })}</small>
        </p>
      )}
      {ledger.isRead && (
        <>
          <dl class="counts">
            {(
              [
                [words.pending, ledger.counts.pending],
                [words.withheld, ledger.counts.withheld],
                [words.rejectedRows, ledger.counts.rejected],
              ] as const
            ).map(([name, count]) => (
              <div>
                <dt>{name}</dt>
                <dd class="figure">
                  {atMost(words.orMore, number(lang, count), count < ledger.countedUpTo)}
                </dd>
              </div>
            ))}
          </dl>
          {ledger.oldestPending !== undefined && (
            <p class="muted">{put(words.oldest, { span: span(words, at - ledger.oldestPending) })}</p>
          )}
        </>
      )}
    </section>
  );
}

const atMost = (orMore: string, count: string, isExact: boolean) =>
  isExact ? count : put(orMore, { count });

const because = (texts: Readonly<Record<string, string>>, cause: string) => texts[cause] ?? cause;

/** Who waits, and why in Vambe's words. */
export function Waits({ view, ledger }: { view: View; ledger: Read }) {
  const { words } = view;
  const { waiting, missing, counts } = ledger;
  const isEmpty = counts.pending + counts.withheld + counts.rejected === 0;
  return (
    <section class="card">
      <div class="head">
        <h2>{words.waits}</h2>
        <div class="actions">
          {!isEmpty && <ActionButton view={view} action="retry" label={words.retryAll} />}
          <ActionButton view={view} action="resend" label={words.resendAll} />
        </div>
      </div>
      {missing.length > 0 && (
        <div class="note warn">
          <p>
            <strong>{words.missing}:</strong>{" "}
            {missing.map(({ key }, index) => (
              <>
                {index > 0 && ", "}
                <code>{key}</code>
              </>
            ))}
          </p>
          <p>{words.missingRemedy}</p>
        </div>
      )}
      {isEmpty ? (
        <p>{words.nothingWaits}</p>
      ) : (
        <>
          <Rows view={view} rows={waiting} />
          <p class="muted">{words.longestFirst}</p>
        </>
      )}
    </section>
  );
}
