import type { LedgerState } from "../state.ts";
import { moment, number, put, span } from "./texts.ts";
import type { View } from "./view.ts";

/** What signs and what proves, and which of it can go. */
export function Keys({ view, ledger }: { view: View; ledger: Extract<LedgerState, { isRead: true }> }) {
  const { words, lang, state } = view;
  const { at } = state.value;
  return (
    <section class="card">
      <h2>{words.keys}</h2>
      <ul class="keys">
        {ledger.keys.map(({ kid, state, publishedUntil }) => (
          <li key={kid}>
            <span>{words.key}</span> <code>{kid.slice(0, 12)}…</code>
            <small>
              {state === "published"
                ? put(words.published, { time: moment(publishedUntil ?? at) })
                : words[state]}
            </small>
          </li>
        ))}
        {ledger.secrets.map(({ secret, place, proofs, lastAt, isSafeToRetire }) => (
          <li key={secret}>
            <span>{words.secret}</span> <code>{secret}</code>{" "}
            {isSafeToRetire && <span class="pill running">{words.safeToRetire}</span>}
            <small>
              {place === undefined ? words.elsewhere : put(words.place, { place })};{" "}
              {lastAt === undefined
                ? words.unused
                : put(words.used, { count: number(lang, proofs), ago: span(words, at - lastAt) })}
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}
