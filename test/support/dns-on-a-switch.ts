/**
 * Loaded into an exchange by `--import`: no name resolves until the file that `DNS_WORKS_WITH` names is there.
 */
import dns, { type LookupAddress, type LookupOptions } from "node:dns";
import { existsSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isIP } from "node:net";

type Answer = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;
const resolve = dns.lookup;

dns.lookup = ((name: string, options: LookupOptions, answer: Answer) => {
  if (isIP(name) || existsSync(process.env.DNS_WORKS_WITH ?? ""))
    return resolve(name, options, answer as never);
  const failure = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" });
  process.nextTick(answer, failure);
}) as unknown as typeof dns.lookup;
syncBuiltinESMExports();
