import { expect, test } from "vitest";
import type { DeliveryStatus } from "../../server/answers.ts";
import type { Call } from "../../widget/call.ts";
import { createHistory } from "../../widget/inspector/history.ts";
import { type View, view } from "../../widget/inspector/view.ts";

/** What a developer sees of a page whose user was answered with this status. */
function seen(status: DeliveryStatus): View {
  const call: Call = {
    id: "user-jane",
    key: "user-jane",
    traits: JSON.stringify({ plan: "premium" }),
    proof: undefined,
    getProof: undefined,
    answer: new Promise(() => {}),
    at: 0,
    until: 0,
    identity: {
      id: "user-jane",
      verified: true,
      status,
      applied: [],
      ignored: status === "rejected" ? [{ trait: "plan", reason: "rejected-by-vambe" }] : [],
      token: "eyJ.a.token",
      expiresAt: Date.now() + 900_000,
      requestId: "request-1",
    },
  };
  const state = { kind: "known", call } as const;
  const history = createHistory();
  history.look(state);
  const { moments } = history;
  return view({ state, failure: undefined, moments, server: "https://id.example.com", now: Date.now() });
}

test("a developer sees that Vambe rejects the contact, and where it is said why", () => {
  const { tone, state, ignored, moments } = seen("rejected");
  expect({ tone, state }).toEqual({ tone: "bad", state: "known, rejected" });
  expect(ignored).toMatchObject([{ trait: "plan", fix: expect.stringMatching(/log.*outbox list/) }]);
  expect(moments.at(-1)).toMatchObject({
    tone: "bad",
    what: expect.stringContaining("Identified: rejected"),
  });
});

test.each([
  ["delivered", "good"],
  ["unchanged", "good"],
  ["queued", "wait"],
] as const)("%s is %s", (status, tone) =>
  expect(seen(status)).toMatchObject({ tone, state: `known, ${status}` }),
);
