import type { KeptUser } from "../../ledger/contract/one-user.ts";
import type { RecentRequest } from "../recent.ts";
import { ActionButton } from "./confirm.tsx";
import { Facts } from "./facts.tsx";
import { ProblemText } from "./problems.tsx";
import { traitNames } from "./rows.tsx";
import { clock, put, span } from "./texts.ts";
import type { View } from "./view.ts";

/** What there is of a user, a request or a problem. */
export function Finder({ view }: { view: View }) {
  const { words, query, lang } = view;
  const found = view.found.value;
  return (
    <search>
      <form method="get" class="finder">
        <input type="hidden" name="lang" value={lang} />
        <label class="unseen" for="q">
          {words.find}
        </label>
        <input
          id="q"
          type="search"
          name="q"
          value={query}
          placeholder={words.find}
          autocomplete="off"
          spellcheck={false}
        />
        <button type="submit" class="loud">
          {words.search}
        </button>
      </form>
      {found && (
        <section class="card found">
          {found.users.map((user) => (
            <Kept view={view} user={user} />
          ))}
          {found.request && <Request view={view} request={found.request} />}
          {found.problem && <ProblemText view={view} slug={found.problem} />}
          {found.users.length === 0 && !found.request && !found.problem && (
            <p>{put(words.foundNothing, { query })}</p>
          )}
          <p>
            <a href={`?lang=${lang}`}>{words.clear}</a>
          </p>
        </section>
      )}
    </search>
  );
}

function Kept({ view, user }: { view: View; user: KeptUser }) {
  const { words } = view;
  const { at, about } = view.state.value;
  const {
    userId,
    channelId,
    state,
    verified,
    since,
    traits,
    confirmed,
    lastError,
    attempts,
    dueAt,
    contactId,
  } = user;
  const facts: [string, string][] = [
    [words.state, `${words.states[state]}, ${verified ? words.verified : words.notVerified}`],
    [words.has, confirmed.length > 0 ? traitNames(confirmed) : words.nothing],
  ];
  if (contactId !== undefined) facts.push([words.contact, contactId]);
  if (traits.length > 0) facts.push([words.what, traitNames(traits)]);
  if (since !== undefined) facts.push([words.since, span(words, at - since)]);
  if (state === "pending") facts.push([words.next, dueAt <= at ? words.now : clock(dueAt)]);
  if (lastError !== undefined)
    facts.push([
      words.why,
      attempts > 1 ? `${lastError} (${put(words.tries, { count: attempts })})` : lastError,
    ]);
  return (
    <article>
      <h2>
        {words.who} <code>{userId}</code>{" "}
        {channelId !== about.channelId && <small>{put(words.inChannel, { channel: channelId })}</small>}
      </h2>
      <Facts facts={facts} />
      <div class="actions">
        {state !== "idle" && <ActionButton view={view} action="retry" label={words.retry} userId={userId} />}
        <ActionButton view={view} action="resend" label={words.resend} userId={userId} />
        <ActionButton view={view} action="forget" label={words.forget} userId={userId} />
      </div>
    </article>
  );
}

function Request({ view, request }: { view: View; request: RecentRequest }) {
  const { words } = view;
  const { requestId, method, route, status, durationMs, at, identified, problem, origin } = request;
  const says = {
    method,
    route,
    status,
    ms: Math.round(durationMs),
    ago: span(words, view.state.value.at - at),
  };
  return (
    <article>
      <h2>{put(words.request, { id: requestId })}</h2>
      <p>{put(words.requestSays, says)}</p>
      {origin !== undefined && (
        <p>
          {words.origin}: <code>{origin}</code>
        </p>
      )}
      {identified && (
        <p>
          {words[identified.delivery]}, {identified.verified ? words.verified : words.notVerified} (
          <code>{identified.provenBy}</code>)
        </p>
      )}
      {problem !== undefined && <ProblemText view={view} slug={problem} />}
    </article>
  );
}
