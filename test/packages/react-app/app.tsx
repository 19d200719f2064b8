/** @jsxImportSource react */
import { useEffect, useState } from "react";
import { useVambeIdentity } from "vambe-identity/react";
import { mountBadge } from "vambe-identity/widget";
import { Account } from "./account.tsx";

const people = {
  ana: { id: "ana-1", name: "Ana Rivera", plan: "premium" },
  bruno: { id: "bruno-2", name: "Bruno Costa", plan: "free" },
};

const anotherObject = ({ id, name, plan }: (typeof people)["ana"]) => ({ plan, name, id });

/** A site with a login: whoever its server says is signed in is handed to the hook. */
export function App() {
  const [user, setUser] = useState<(typeof people)["ana"] | null>();
  const [shown, setShown] = useState(true);
  const everywhere = useVambeIdentity();
  useEffect(() => mountBadge({ placement: "bottom-left", lang: "en" }), []);

  const signIn = async (name: keyof typeof people) => {
    await fetch(`/login/${people[name].id}`, { method: "POST" });
    setUser(people[name]);
  };
  return (
    <>
      {shown && <Account user={user} />}
      <output>{everywhere.status}</output>
      <button type="button" onClick={() => signIn("ana")}>
        I am Ana
      </button>
      <button type="button" onClick={() => signIn("bruno")}>
        I am Bruno
      </button>
      <button type="button" onClick={() => setUser(people.ana)}>
        I say I am Ana
      </button>
      <button type="button" onClick={() => setUser((same) => same && anotherObject(same))}>
        Another object
      </button>
      <button type="button" onClick={() => setUser((same) => same && { ...same, plan: "basic" })}>
        Another plan
      </button>
      <button type="button" onClick={() => setShown((before) => !before)}>
        Unmount
      </button>
      <button type="button" onClick={() => setUser(null)}>
        Sign out
      </button>
      <button type="button" onClick={everywhere.reset}>
        Reset
      </button>
    </>
  );
}
