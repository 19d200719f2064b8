/** Loaded into a process by `--import`: no name is ever resolved, and nobody says so. */
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import { isIP } from "node:net";

const resolve = dns.lookup;
dns.lookup = ((name: string, ...more: never[]) =>
  isIP(name) || name === "localhost"
    ? Reflect.apply(resolve, dns, [name, ...more])
    : undefined) as typeof dns.lookup;
dns.promises.lookup = (() => new Promise(() => {})) as unknown as typeof dns.promises.lookup;
syncBuiltinESMExports();
// Some work of the system's that never ends keeps a process alive.
setInterval(() => {}, 1000);
