import { createHash } from "node:crypto";
import { check } from "../check.ts";
import { failed, ok, warning } from "../finding.ts";
import { reach } from "../reach.ts";
import { exchangeAt } from "./reached.ts";

const NAME = "widget";
const FILE = "vambe-identity.js";
const SETTING = "VAMBE_PUBLIC_URL";
const UNCHANGED =
  "let the proxy pass it on as it is: no minifying, no second compression, no page for whoever has not been there before";

/** Whether pages get the script, whole, and the hash that they may have put beside it. */
export const widget = check({
  name: NAME,
  after: (patient) => patient.arrival(),
  look: async (_, { patient, signal }) => {
    const url = await exchangeAt(patient.arrival());
    const headers = { "accept-encoding": "br, gzip" };
    const [file, list] = await Promise.all([
      reach(`${url}/${FILE}`, SETTING, { headers, signal }),
      reach(`${url}/integrity.json`, SETTING, { signal }),
    ]);
    const type = file.headers.get("content-type") ?? "none";
    if (file.status !== 200 || !/javascript/.test(type)) {
      return failed(
        NAME,
        `/${FILE} answers ${file.status}, of the type ${type}`,
        "let the proxy send it on to the exchange",
      );
    }
    const listed: unknown = Object(list.json)[FILE];
    if (typeof listed !== "string") {
      return warning(
        NAME,
        `/integrity.json answers ${list.status}, without the script's hash`,
        "let the proxy send it on too",
      );
    }
    const hash = createHash("sha384").update(file.text).digest("base64");
    if (listed !== `sha384-${hash}`) {
      return failed(
        NAME,
        `/${FILE} is not what /integrity.json says: something in between changes it`,
        UNCHANGED,
      );
    }
    if (file.headers.get("access-control-allow-origin") !== "*") {
      return failed(
        NAME,
        `/${FILE} comes without Access-Control-Allow-Origin: *, so pages with its hash do not run it`,
        "let the proxy leave that header alone",
      );
    }
    return ok(NAME, `/${FILE} and its hash (SRI) are served`);
  },
});
