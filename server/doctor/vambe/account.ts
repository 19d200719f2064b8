import { memberIdsIn, stageIdsIn, TEAM } from "../../vambe/readings.ts";
import { check } from "../check.ts";
import { type Finding, failed, ok, skipped, warning } from "../finding.ts";
import { NotTold } from "../limits.ts";
import { type Reached, Unreachable } from "../reach.ts";
import { readFrom, somebodyElse, wordsOf } from "./ask.ts";

const REACHED = "reached";
const KEY = "API key";

/** Whether Vambe's API answers, and takes the key. */
export const vambeKey = check({
  name: REACHED,
  needs: ["apiUrl", "apiKey"],
  after: (patient) => patient.vambe(),
  look: async ({ apiUrl, apiKey }, { patient }) => {
    const { host, protocol } = new URL(apiUrl);
    let reached: Reached;
    try {
      reached = await patient.vambe();
    } catch (error) {
      return unreached(host, error);
    }
    const stranger = somebodyElse(reached);
    if (stranger !== undefined) {
      return failed(
        REACHED,
        `${host} is not Vambe's API: ${stranger}`,
        "mend VAMBE_API_URL (https://api.vambe.me), or let requests pass what answers in its place",
      );
    }
    const how = protocol === "https:" ? "over TLS" : "without TLS, on this machine";
    return [ok(REACHED, `${host} answers ${how} (${reached.tookMs} ms)`), keyOf(reached, apiKey)];
  },
});

function unreached(host: string, error: unknown): Finding {
  if (error instanceof Unreachable) return failed(REACHED, error.message, error.remedy);
  return failed(
    REACHED,
    `${host} does not answer in time`,
    "let this machine's requests out to it: a firewall, or a proxy",
  );
}

function keyOf(reached: Reached, apiKey: string): Finding {
  const { status } = reached;
  if (status === 200) return ok(KEY, "is accepted");
  if (status === 401 || status === 403) {
    return failed(
      KEY,
      `is not accepted (${status}${wordsOf(reached, apiKey)})`,
      "put the account's key into VAMBE_API_KEY: Vambe's settings show it. Until then nobody reaches Vambe, and all is queued",
    );
  }
  if (status === 429)
    return warning(KEY, "could not be tried: too many requests (429)", "run doctor again in a while");
  return failed(
    KEY,
    `could not be tried: Vambe answers ${status}${wordsOf(reached, apiKey)}`,
    "run doctor again in a while",
  );
}

/** Whether the stage that each upsert sets exists. */
export const vambeStage = check({
  name: "VAMBE_STAGE_ID",
  reads: ["stageId"],
  after: (patient) => patient.vambe(),
  look: async (_, { patient }) => {
    const { stageId } = patient.holds;
    if (stageId === undefined) return skipped("VAMBE_STAGE_ID", "is not set, and none is set on contacts");
    const reached = await patient.vambe().catch(notAnswered);
    return judged(
      "VAMBE_STAGE_ID",
      stageId,
      stageIdsIn(listIn(reached)),
      "a stage of the account's pipelines",
    );
  },
});

/** Whether the member of the team that each upsert assigns exists. */
export const vambeAgent = check({
  name: "VAMBE_AGENT_ID",
  reads: ["agentId"],
  look: async (_, { patient, signal }) => {
    const { agentId, apiUrl, apiKey } = patient.holds;
    if (agentId === undefined) return skipped("VAMBE_AGENT_ID", "is not set, and nobody is assigned");
    if (apiUrl === undefined || apiKey === undefined) return notAnswered();
    const reached = await readFrom({ apiUrl, apiKey }, TEAM, signal).catch(notAnswered);
    return judged("VAMBE_AGENT_ID", agentId, memberIdsIn(listIn(reached)), "a member of the account's team");
  },
});

/** Webchat channels are in no list of Vambe's API. */
export const vambeChannel = check({
  name: "VAMBE_CHANNEL_ID",
  needs: ["channelId"],
  look: (_, { patient }) =>
    skipped(
      "VAMBE_CHANNEL_ID",
      patient.sendTo === undefined
        ? "Vambe's API lists no webchat channels: --send <a test user's id> shows whether it is taken"
        : "Vambe's API lists no webchat channels: see what it said to the test user",
    ),
});

function notAnswered(): never {
  throw new NotTold("Vambe could not be asked");
}

function listIn({ status, json }: Reached): unknown {
  if (status !== 200) throw new NotTold(`Vambe answers ${status} in place of the list`);
  return json;
}

function judged(name: string, id: string, ids: string[] | undefined, what: string): Finding {
  if (ids === undefined) throw new NotTold("Vambe's list has another form than its API reference says");
  if (ids.includes(id.toLowerCase())) return ok(name, `is ${what}`);
  return failed(
    name,
    `is not ${what}: Vambe lists ${ids.length}, and not this one`,
    `take the id from Vambe, or take ${name} out: with an unknown one upserts may be refused`,
  );
}
