import type { Call } from "../call.ts";
import type { State } from "../state.ts";
import type { IdentifyError, Identity } from "../types.ts";
import { secretsOf, withoutSecrets } from "./secrets.ts";

/** One thing that has happened. */
export interface Moment {
  /** Milliseconds since the page's time origin. */
  at: number;
  /** It happened before the inspector was there. So `at` is only the latest possible time. */
  early?: boolean;
  tone: "plain" | "good" | "bad";
  what: string;
  requestId?: string;
}

const KEPT = 60;

/** Keeps what has happened, in words. It keeps no user, proof or answer. */
export function createHistory() {
  const moments: Moment[] = [];
  let call: Call | undefined;
  let identity: Identity | undefined;
  let error: IdentifyError | undefined;
  let passed = false;
  let kind: State["kind"] = "hidden";
  let started = false;

  function note(what: string, tone: Moment["tone"] = "plain", requestId = "", at = performance.now()) {
    const shown = withoutSecrets(what, secretsOf(call));
    moments.push({
      at,
      tone,
      what: shown,
      ...(!started && { early: true }),
      ...(requestId && { requestId }),
    });
    moments.sort((one, other) => one.at - other.at);
    moments.splice(0, moments.length - KEPT);
  }

  /** Compares the state with the one seen before. This also finds an answer that does not change the state. */
  function look(state: State) {
    const next = state.call;
    if (next && next !== call) {
      if (call?.stop && !call.identity) note(`The call for ${call.id} was superseded.`);
      // What was known before the call is no answer to it.
      identity = call && next.identity;
      call = next;
      error = undefined;
      // If the call came before the inspector, its time is not known: it goes before the first request.
      note(`VambeIdentify called for ${next.id}.`, "plain", "", started ? undefined : 0);
    } else if (next && state.kind === "working" && kind === "failed") {
      note(`Tried again for ${next.id}.`);
    }
    kind = state.kind;
    if (call?.error && call.error !== error) noteError(call.error);
    if (call?.identity && call.identity !== identity) noteAnswer(call.identity);
    if (!next) call = identity = undefined;
    started = true;
  }

  function noteAnswer(answer: Identity) {
    identity = answer;
    passed = true;
    const { status, verified, requestId } = answer;
    note(
      `Identified: ${status}, ${verified ? "verified" : "not verified"}.`,
      status === "rejected" ? "bad" : "good",
      requestId,
    );
  }

  function noteError(failure: IdentifyError) {
    error = failure;
    passed = false;
    const status = failure.status ? `, HTTP ${failure.status}` : "";
    note(`Failed: ${failure.code}${status}.`, "bad", failure.requestId);
  }

  return {
    moments,
    look,
    /** The last error since the last call, and whether somebody was identified after it. */
    lastError: () => error && { error, passed },
    noteError(failure: IdentifyError) {
      if (failure !== error) noteError(failure);
    },
    noteLogout() {
      error = undefined;
      note("Logged out, here or in another tab.");
    },
    noteRequest({ startTime, duration, responseStatus }: PerformanceResourceTiming) {
      const outcome = responseStatus ? `HTTP ${responseStatus}` : "no answer";
      note(`POST /identify: ${outcome} after ${Math.round(duration)} ms.`, "plain", "", startTime);
    },
  };
}
