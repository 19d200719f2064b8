import { LANGUAGE_NAMES } from "../../problem-texts/language.ts";
import { Facts } from "./facts.tsx";
import { healthOf } from "./health.ts";
import { clock, moment, put } from "./texts.ts";
import type { View } from "./view.ts";

/** What this is, and in two words how it goes. */
export function Header({ view }: { view: View }) {
  const { words, lang } = view;
  const { about, at } = view.state.value;
  const health = healthOf(view.state.value);
  const lost = view.lostSince.value;
  const facts: [string, string][] = [
    [words.version, about.version],
    [words.database, about.database],
    [words.channel, about.channelId],
    [words.upSince, moment(about.startedAt)],
  ];
  return (
    <header>
      <div class="top">
        <h1>
          vambe-identity{" "}
          <span class={`pill ${health}`} role="status">
            {words[health]}
          </span>
        </h1>
        <nav aria-label={words.language}>
          {Object.entries(LANGUAGE_NAMES).map(([code, name]) => (
            <a href={`?lang=${code}`} lang={code} aria-current={code === lang ? "true" : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </div>
      <p>
        {put(words.lives, { url: about.publicUrl })},{" "}
        <time dateTime={new Date(at).toISOString()}>{put(words.asOf, { time: clock(at) })}</time>
      </p>
      <Facts facts={facts} />
      {lost !== undefined && (
        <p class="note bad" role="alert">
          {put(words.lost, { time: clock(at) })}
        </p>
      )}
    </header>
  );
}
