/** @jsxRuntime classic */
/** @jsx h */
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls of it.
import { h } from "preact";
import { initials } from "./initials.ts";
import type { Messages } from "./messages.ts";
import type { Picture } from "./picture.ts";

export interface CardOptions {
  picture: Picture;
  /** The language that the words are in. */
  lang: string;
  words: Messages;
  /** The theme, and the corner if the badge stands in one. */
  look: string;
  retry(): void;
  /** What the button does, or `false` if the site did not ask for the button. */
  signOut: false | (() => void);
}

/** Lines in a square of 12 by 12: a tick, the hands of a clock, an exclamation mark. */
const marks: Record<string, string> = {
  verified: "M3.4 6.2 5.2 8l3.4-3.8",
  queued: "M6 3v3.2l2 1.2",
  failed: "M6 3v3.4M6 9v0",
};

/** What the visitor sees: a face, a name, how things stand, the plan or a second try, and a way out. */
export function Card({ picture, lang, words, look, retry, signOut }: CardOptions) {
  const { kind, person } = picture;
  const how = kind === "known" && person.verified ? "verified" : kind;
  // A plan that the exchange did not accept is not shown; one that Vambe did not (`missing-at-vambe`) is.
  const refused = person?.ignored?.some(
    ({ trait, reason }) => trait === "plan" && !reason.endsWith("-vambe"),
  );
  const mark = marks[how];

  return (
    <section
      part={`badge ${how}`}
      class={`${how} ${look}`}
      lang={lang}
      tabIndex={-1}
      aria-label={person && words.badge}
    >
      {person && (
        <b part="face" aria-hidden="true" translate={false} key={person.name}>
          {initials(person.name)}
          {mark && (
            // biome-ignore lint/a11y/noSvgWithoutTitle: the words beside it say it.
            <svg part="mark" viewBox="0 0 12 12">
              <path d={mark} />
            </svg>
          )}
        </b>
      )}
      <div>
        {/* A status is read out only when it changes, so it stands in the page before anyone is known. */}
        <p role="status">
          {/* By their keys: a page's translator puts nodes of its own in the place of ours, which would then stay. */}
          {person?.name && (
            <bdi part="name" translate={false} key={person.name}>
              {person.name}
            </bdi>
          )}
          {person && (
            <small part="status" key={how}>
              {words[how as keyof Messages]}
            </small>
          )}
        </p>
        {person && signOut && (
          <button type="button" part="signout" onClick={signOut}>
            {words.signout}
          </button>
        )}
      </div>
      {kind === "failed" ? (
        <button
          type="button"
          part="retry"
          onClick={({ currentTarget }) => {
            // The button is about to go, and the focus would go with it.
            currentTarget.closest("section")?.focus();
            retry();
          }}
        >
          {words.retry}
        </button>
      ) : (
        !refused &&
        person?.plan && (
          <bdi part="plan" key={person.plan}>
            {person.plan}
          </bdi>
        )
      )}
    </section>
  );
}
