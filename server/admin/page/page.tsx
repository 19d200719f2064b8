import { ComesIn } from "./comes-in.tsx";
import { AskedBox, DoneBox } from "./confirm.tsx";
import { Finder } from "./finder.tsx";
import { Header } from "./header.tsx";
import { Keys } from "./keys.tsx";
import { Problems } from "./problems.tsx";
import { ProofShares } from "./proof-shares.tsx";
import type { View } from "./view.ts";
import { AtVambe, Waits } from "./waits.tsx";

/** The page for people, on one screen. */
export function Page({ view }: { view: View }) {
  const { ledger } = view.state.value;
  return (
    <>
      <Header view={view} />
      <main>
        <Finder view={view} />
        <AskedBox view={view} />
        <DoneBox view={view} />
        <div class="figures">
          <ComesIn view={view} />
          <AtVambe view={view} />
        </div>
        {ledger.isRead ? (
          <>
            <Waits view={view} ledger={ledger} />
            <div class="sides">
              <ProofShares view={view} proofs={ledger.proofs} />
              <Keys view={view} ledger={ledger} />
            </div>
          </>
        ) : (
          <section class="card bad" role="alert">
            <h2>{view.words.unreadable}</h2>
            <p>{view.words.unreadableRemedy}</p>
          </section>
        )}
        <Problems view={view} />
      </main>
    </>
  );
}
