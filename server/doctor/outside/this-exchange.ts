import { version } from "#built-in";
import type { DataKey } from "../../ledger/data-key.ts";
import { operatorRequest, readAnswerTo, type Seen } from "../../operator-request.ts";
import { settingDigests } from "../../settings/digests.ts";
import { check } from "../check.ts";
import { type Finding, failed, ok, warning } from "../finding.ts";
import { NotTold } from "../limits.ts";
import { isPage, type Reached, reach } from "../reach.ts";
import { addresses, MADE_UP } from "./addresses.ts";
import { slugOf } from "./arrival.ts";
import { exchangeAt } from "./reached.ts";

const NAME = "this exchange";

/** Whether the exchange at the public URL has this very database and these settings, and what arrives there of a request. */
export const thisExchange = check({
  name: NAME,
  needs: ["allowedOrigins"],
  after: (patient) => Promise.all([patient.arrival(), patient.database()]),
  look: async ({ allowedOrigins }, { patient, signal }) => {
    const url = await exchangeAt(patient.arrival());
    const { key } = await patient.database().catch(() => {
      throw new NotTold("cannot be told without the database, whose key both sides have");
    });
    if (key instanceof Error) throw new NotTold("cannot be told: VAMBE_API_KEY does not unlock the database");
    const origin = allowedOrigins[0]?.replace("*", "doctor") ?? "";
    const asked = { url, key, origin, signal };
    const [plain, madeUp] = await Promise.all([
      askOperators(asked),
      askOperators({ ...asked, headers: { "x-forwarded-for": MADE_UP } }),
    ]);
    if ("finding" in plain) return plain.finding;
    const { seen, sent } = plain;
    return [
      ok(NAME, "the one that answers there has this database"),
      ...ofThisEnvironment(seen, patient.holds, key),
      seen.origin === origin
        ? ok("Origin", "arrives as the page sends it")
        : failed(
            "Origin",
            seen.origin === null ? "does not arrive: something in front takes it out" : "arrives as another",
            "let the proxy pass the header Origin on as it is: without it every identify is refused",
          ),
      seen.contentLength === String(sent)
        ? ok("Content-Length", "arrives as it was sent")
        : warning(
            "Content-Length",
            seen.contentLength === null ? "does not arrive: bodies come in chunks" : "arrives as another",
            "let the proxy pass bodies on as they are (nginx: leave proxy_request_buffering on, and rewrite no body)",
          ),
      addresses(seen, "seen" in madeUp ? madeUp.seen : undefined, patient.holds.trustProxy),
    ];
  },
});

interface Asked {
  url: string;
  key: DataKey;
  origin: string;
  signal: AbortSignal;
  headers?: Record<string, string>;
}

async function askOperators(asked: Asked): Promise<{ seen: Seen; sent: number } | { finding: Finding }> {
  const { url, key, origin, signal, headers } = asked;
  const request = operatorRequest(key, Date.now());
  const body = JSON.stringify(request);
  const reached = await reach(`${url}/doctor`, "VAMBE_PUBLIC_URL", {
    method: "POST",
    headers: { "content-type": "application/json", origin, ...headers },
    body,
    signal,
  });
  const seen = reached.status === 200 ? readAnswerTo(request, key, reached.json) : undefined;
  return seen ? { seen, sent: Buffer.byteLength(body) } : { finding: notKnown(reached) };
}

function notKnown(reached: Reached): Finding {
  const { status, json } = reached;
  const slug = slugOf(json);
  if (slug === "rate-limited")
    throw new NotTold("cannot be told: too many requests come from here; run doctor again in a minute");
  if (slug === "proof-signature") {
    return failed(
      NAME,
      "another exchange answers there: it has another database",
      "let the public name lead to this one, or run doctor with that one's settings. Where their clocks differ by minutes, mend that first",
    );
  }
  if (slug === "storage-unavailable") {
    return failed(
      NAME,
      "the exchange there cannot open its database",
      "look at its log: it says why, and goes on trying",
    );
  }
  if (slug !== "") {
    return warning(
      NAME,
      `an exchange answers there, and does not know the question (${slug})`,
      "bring it to this version, and let the proxy send POST /doctor on too",
    );
  }
  if (status === 200) {
    return failed(
      NAME,
      "something in between changes what the exchange answers",
      "let the proxy change no body of JSON",
    );
  }
  const what = isPage(reached) ? `a web page (${status})` : `${status}`;
  return failed(
    NAME,
    `what pages post does not reach the exchange: something in front answers ${what}, though GET /livez gets through`,
    "let the proxy send POST and all paths below VAMBE_PUBLIC_URL to the exchange",
  );
}

/** What it runs with, against what the environment has now. */
function ofThisEnvironment(seen: Seen, holds: Parameters<typeof settingDigests>[0], key: DataKey): Finding[] {
  const digests = settingDigests(holds, (text) => key.vouch("setting", text).slice(0, 12));
  const other = Object.keys(digests).filter(
    (name) => seen.settings[name] !== undefined && seen.settings[name] !== digests[name],
  );
  const findings: Finding[] = [];
  if (seen.version !== version) {
    findings.push(
      warning(
        "version",
        `the exchange is ${seen.version}, and this command ${version}`,
        "restart the exchange with this version",
      ),
    );
  }
  findings.push(
    other.length === 0
      ? ok("its settings", "are those of this environment")
      : warning(
          "its settings",
          `are not those of this environment: ${other.join(", ")}`,
          "restart the exchange, or mend the environment of this command",
        ),
  );
  return findings;
}
