import type { OriginProofs, Proofs } from "../state.ts";
import { number, percent, put } from "./texts.ts";
import type { View } from "./view.ts";

/** Who proves what he says, and from which page: what an operator looks at before he refuses the others. */
export function ProofShares({ view, proofs }: { view: View; proofs: Proofs }) {
  const { words, lang } = view;
  const { identifies, proven, without, byOrigin } = proofs;
  const { acceptsUnproven } = view.state.value.about;
  return (
    <section class={acceptsUnproven ? "card warn" : "card"}>
      <h2>{words.proofs}</h2>
      <p class="muted">{words.lastDay}</p>
      {acceptsUnproven && <p>{words.accepts}</p>}
      {identifies === 0 ? (
        <p>{words.noProofs}</p>
      ) : (
        <>
          <p class="verdict">{put(words.share, { percent: percent(lang, proven, identifies) })}</p>
          {acceptsUnproven && without.length > 0 && (
            <p>{put(words.sendsNone, { origins: without.join(", ") })}</p>
          )}
          {acceptsUnproven && proven === identifies && <p>{words.maySwitchOff}</p>}
        </>
      )}
      {byOrigin.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{words.origin}</th>
              <th scope="col">{words.proven}</th>
              <th scope="col">{words.unproven}</th>
              <th scope="col">{words.refusals}</th>
            </tr>
          </thead>
          <tbody>
            {byOrigin.map((one) => (
              <tr key={one.origin}>
                <th scope="row">
                  <code>{one.origin}</code>
                  <small>{kindsIn(one)}</small>
                </th>
                <td>{number(lang, one.proven)}</td>
                <td>{number(lang, one.unproven)}</td>
                <td>{number(lang, one.refused)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Kinds of proof and problems, the most frequent first. */
const kindsIn = ({ counts }: OriginProofs): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(", ");
