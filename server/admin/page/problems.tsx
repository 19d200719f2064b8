import { number, put, span } from "./texts.ts";
import type { View } from "./view.ts";

/** What was refused of late, and what to do about it. */
export function Problems({ view }: { view: View }) {
  const { words, lang, state } = view;
  const { problems, at } = state.value;
  return (
    <section class="card">
      <h2>{words.problems}</h2>
      <p class="muted">{words.sinceStart}</p>
      {problems.length === 0 && <p>{words.noProblems}</p>}
      {problems.map(({ slug, count, lastAt, requestId, origin }) => (
        <details key={slug}>
          <summary>
            <strong>{view.problems[slug]?.title ?? slug}</strong>{" "}
            <small>
              {put(count === 1 ? words.timesOnce : words.times, {
                count: number(lang, count),
                ago: span(words, at - lastAt),
              })}
            </small>
          </summary>
          <p>{view.problems[slug]?.remedy}</p>
          <p class="muted">
            <code>{slug}</code>, {put(words.ofRequest, { id: requestId })}
            {origin !== undefined && (
              <>
                , <code>{origin}</code>
              </>
            )}
          </p>
        </details>
      ))}
    </section>
  );
}

/** What a problem means, and how to mend it. */
export function ProblemText({ view, slug }: { view: View; slug: string }) {
  const text = view.problems[slug];
  return (
    <article>
      <h2>{text?.title ?? slug}</h2>
      <p>{text?.remedy}</p>
      <p class="muted">
        <code>{slug}</code>
      </p>
    </article>
  );
}
