import { check } from "./check.ts";
import { failed, ok } from "./finding.ts";

/** `engines` in package.json. */
const LEAST = [22, 13] as const;

/** What runs this command, and with it the exchange. */
export const node = check({
  name: "Node.js",
  look: () => {
    const { version } = process;
    const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
    const isOld = major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1]);
    return isOld
      ? failed("Node.js", `is ${version}, and has to be ${LEAST.join(".")} or later`, "install a newer one")
      : ok("Node.js", `is ${version}, ${LEAST.join(".")} or later is needed`);
  },
});
