import { FetchFailure } from "../../guarded-fetch/guarded-connection.ts";
import { type GuardedAnswer, guardedGet } from "../../guarded-fetch/guarded-get.ts";
import { isLoopbackHost } from "../../guarded-fetch/secure-url.ts";
import { Problem } from "../../problems.ts";
import { readSessionUser, whereIdIsNot } from "../../proof/session/user.ts";
import { check } from "../check.ts";
import { type Finding, failed, ok, skipped, warning } from "../finding.ts";
import { unreachable } from "../reach.ts";

const NAME = "VAMBE_SESSION_URL";
const ANSWER_401 = 'let it answer 401, or JSON such as {"user": null}, to who is not signed in';

/** What the site's own endpoint says to a visitor who brings no cookie, and so is nobody. */
export const session = check({
  name: NAME,
  reads: ["sessionUrl", "sessionFields"],
  ifItHangs: "let it answer sooner: each visitor waits for it, and after 5 seconds is refused",
  look: async (_, { patient, signal }): Promise<Finding> => {
    const { sessionUrl, sessionFields = {}, allowedOrigins = [] } = patient.holds;
    if (sessionUrl === undefined) return skipped(NAME, "is not set: cookies are no proof");
    const url = new URL(sessionUrl);
    const origin = allowedOrigins.find((one) => !one.includes("*"));
    try {
      const reach = { loopback: isLoopbackHost(url.hostname), privateNetworks: true };
      const headers: Record<string, string> = origin === undefined ? {} : { origin, referer: `${origin}/` };
      return judged(await guardedGet(sessionUrl, { reach, headers, signal }), sessionFields);
    } catch (error) {
      if (!(error instanceof FetchFailure)) throw error;
      return notUsable(error.reason, url);
    }
  },
});

function judged({ status, json }: GuardedAnswer, fields: Readonly<Record<string, string>>): Finding {
  if ([401, 403, 204].includes(status))
    return ok(NAME, `answers ${status} to who brings no cookie: nobody is signed in`);
  if (status !== 200) {
    return failed(NAME, `answers ${status} to who brings no cookie`, `look at the path in it; ${ANSWER_401}`);
  }
  if (namesSomebody(json, fields)) {
    return failed(NAME, "names a user to who brings no cookie: every visitor would be that user", ANSWER_401);
  }
  const hint = whereIdIsNot(json, fields);
  if (hint !== undefined)
    return warning(NAME, "answers without an id, and with other things about somebody", hint);
  return ok(NAME, "says that nobody is signed in, to who brings no cookie");
}

function namesSomebody(json: unknown, fields: Readonly<Record<string, string>>): boolean {
  try {
    return readSessionUser(json, fields) !== undefined;
  } catch (error) {
    if (error instanceof Problem) return true;
    throw error;
  }
}

function notUsable(reason: string, url: URL): Finding {
  if (/^[A-Z\d_]+$/.test(reason)) {
    const { message, remedy } = unreachable(reason, url, NAME);
    return failed(NAME, message, remedy);
  }
  if (reason.includes("redirect")) {
    return failed(NAME, `${reason} to who brings no cookie, such as to a page for the login`, ANSWER_401);
  }
  if (reason.includes("JSON"))
    return failed(NAME, `${reason}: is it a page?`, `name an endpoint that answers JSON; ${ANSWER_401}`);
  if (reason.includes("too long"))
    return failed(
      NAME,
      reason,
      "let it answer sooner: each visitor waits for it, and after 5 seconds is refused",
    );
  return failed(NAME, reason, "mend VAMBE_SESSION_URL, or what answers there (docs/proofs.md)");
}
