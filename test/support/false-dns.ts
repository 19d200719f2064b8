/**
 * Loaded into an exchange by `--import`: a DNS in the hands of an attacker. `FALSE_DNS` is what it answers to
 * every name; of two addresses with a > between them, the second takes the first's place once that has been looked at.
 */
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";

const [first = "", then = first] = (process.env.FALSE_DNS ?? "").split(">");

dns.promises.lookup = (async () => {
  let reads = 0;
  const family = first.includes(":") ? 6 : 4;
  return [
    {
      family,
      get address() {
        return reads++ === 0 ? first : then;
      },
    },
  ];
}) as unknown as typeof dns.promises.lookup;
syncBuiltinESMExports();
