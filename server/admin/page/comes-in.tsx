import type { Minute } from "../state.ts";
import { number, put } from "./texts.ts";
import type { View } from "./view.ts";

/** What a minute's bar is made of, from the ground up. */
const PARTS = ["unchanged", "delivered", "queued", "rejected", "refused"] as const;
const HEIGHT = 64;

const sumOf = (minutes: readonly Minute[], part: keyof Minute) =>
  minutes.reduce((sum, minute) => sum + minute[part], 0);

/** What came in during the last hour. */
export function ComesIn({ view: { words, lang, state } }: { view: View }) {
  const { minutes } = state.value;
  const sums = PARTS.map((part) => ({ part, sum: sumOf(minutes, part) }));
  const total = sums.reduce((all, { sum }) => all + sum, 0);
  const refused = sumOf(minutes, "refused");
  return (
    <section class="card">
      <h2>{words.comesIn}</h2>
      <p class="muted">{words.lastHour}</p>
      <p class="figure">{number(lang, total)}</p>
      {total === 0 ? (
        <p>{words.nobodyYet}</p>
      ) : (
        <>
          <Chart
            minutes={minutes}
            label={put(words.chart, { total: number(lang, total), refused: number(lang, refused) })}
          />
          <ul class="legend">
            {sums.map(({ part, sum }) => (
              <li>
                <i class={`of-${part}`} /> {number(lang, sum)} {words[part]}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Chart({ minutes, label }: { minutes: readonly Minute[]; label: string }) {
  const highest = Math.max(1, ...minutes.map((minute) => PARTS.reduce((sum, part) => sum + minute[part], 0)));
  return (
    <svg
      viewBox={`0 0 ${minutes.length * 8} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {minutes.flatMap((minute, index) => {
        let top = HEIGHT;
        return PARTS.filter((part) => minute[part] > 0).map((part) => {
          const height = Math.max((minute[part] / highest) * HEIGHT, 1);
          top -= height;
          return <rect class={`of-${part}`} x={index * 8 + 1} y={top} width="6" height={height} />;
        });
      })}
    </svg>
  );
}
