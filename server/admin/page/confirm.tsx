import type { Action } from "../actions.ts";
import { number, put } from "./texts.ts";
import type { View } from "./view.ts";

/** Asks before anything is done. Without scripts the page comes anew, with the question in it. */
export function ActionButton(props: { view: View; action: Action; label: string; userId?: string }) {
  const { view, action, label, userId } = props;
  // What is in the exchange's memory no command can reach.
  if (view.state.value.about.database === "memory") return null;
  const ask = (event: Event) => {
    event.preventDefault();
    view.done.value = undefined;
    view.asked.value = { action, ...(userId !== undefined && { userId }) };
  };
  return (
    <form method="get" onSubmit={ask}>
      <input type="hidden" name="lang" value={view.lang} />
      <input type="hidden" name="ask" value={action} />
      {userId !== undefined && <input type="hidden" name="user" value={userId} />}
      <button type="submit" class={action === "forget" ? "quiet danger" : "quiet"}>
        {label}
        {userId !== undefined && <span class="unseen"> {userId}</span>}
      </button>
    </form>
  );
}

/** The question. It has the focus where it comes up. */
export function AskedBox({ view }: { view: View }) {
  const { words } = view;
  const asked = view.asked.value;
  if (!asked) return null;
  const { action, userId } = asked;
  const everybody = action === "resend" ? words.everybodyAtAll : words.everybody;
  const who = userId === undefined ? everybody : put(words.user, { id: userId });
  const cancel = (event: Event) => {
    event.preventDefault();
    view.asked.value = undefined;
  };
  return (
    <section class="note ask" role="alertdialog" aria-labelledby="question" tabIndex={-1} ref={focus}>
      <p id="question">{put(words.sure[action], { who })}</p>
      <div class="actions">
        <form method="post" action="act">
          <input type="hidden" name="form_token" value={view.formToken} />
          <input type="hidden" name="lang" value={view.lang} />
          <input type="hidden" name="action" value={action} />
          {userId !== undefined && <input type="hidden" name="user" value={userId} />}
          <button type="submit" class={action === "forget" ? "loud danger" : "loud"}>
            {words.yes[action]}
          </button>
        </form>
        <form method="get" onSubmit={cancel}>
          <input type="hidden" name="lang" value={view.lang} />
          <button type="submit" class="quiet">
            {words.cancel}
          </button>
        </form>
      </div>
    </section>
  );
}

const focus = (element: HTMLElement | null) => element?.focus();

/** What became of it. */
export function DoneBox({ view }: { view: View }) {
  const { words, lang } = view;
  const done = view.done.value;
  if (!done) return null;
  if ("failed" in done)
    return (
      <p class="note bad" role="alert">
        {done.failed}
      </p>
    );
  const { action, rows } = done;
  const text = action === "forget" && rows === 0 ? words.done.forgotNobody : words.done[action];
  return (
    <p class="note good" role="status">
      {put(text, { count: number(lang, rows) })}
    </p>
  );
}
