import type { OutboxEntry } from "../../ledger/contract/outbox.ts";
import { ActionButton } from "./confirm.tsx";
import { clock, put, span } from "./texts.ts";
import type { View } from "./view.ts";

/** Rows that wait: a table, and on a narrow screen one below the other. */
export function Rows({ view, rows }: { view: View; rows: readonly OutboxEntry[] }) {
  const { words } = view;
  const { at, about } = view.state.value;
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">{words.who}</th>
          <th scope="col">{words.state}</th>
          <th scope="col">{words.since}</th>
          <th scope="col">{words.what}</th>
          <th scope="col">{words.why}</th>
          <th scope="col">{words.next}</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {rows.map(({ userId, channelId, state, since, traits, lastError, attempts, dueAt }) => (
          <tr key={`${channelId} ${userId}`}>
            <th scope="row">
              <code>{userId}</code>
              {channelId !== about.channelId && <small>{put(words.inChannel, { channel: channelId })}</small>}
            </th>
            <td data-name={words.state}>
              <span class={`pill ${state}`}>{words.states[state]}</span>
            </td>
            <td data-name={words.since}>{span(words, at - since)}</td>
            <td data-name={words.what}>{traitNames(traits)}</td>
            <td data-name={words.why} class="words">
              {lastError ?? "–"}
              {attempts > 1 && <small>{put(words.tries, { count: attempts })}</small>}
            </td>
            <td data-name={words.next}>
              {state !== "pending" ? "–" : dueAt <= at ? words.now : clock(dueAt)}
            </td>
            <td class="actions">
              <ActionButton view={view} action="retry" label={words.retry} userId={userId} />
              <ActionButton view={view} action="forget" label={words.forget} userId={userId} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The traits that a site knows of; that somebody is proven goes along with them. */
export const traitNames = (traits: readonly string[]): string =>
  traits
    .filter((trait) => trait !== "verified")
    .map((trait) => trait.replace(/^field:/, ""))
    .join(", ") || "–";
