#!/usr/bin/env node
/** With the widget in it, so that only who needs it waits for it. */
const version = async () => (await import("#built-in")).version;

const help = async () => `vambe-identity ${await version()}: tells Vambe's webchat who is signed in.

  vambe-identity serve      run the exchange; settings come from the environment
  vambe-identity doctor     look at everything, and say what is wrong and how to mend it (doctor --help)
  vambe-identity sign       print a proof for a user, to try an exchange out (sign --help)
  vambe-identity verify     say what the exchange would say to a proof, and why (verify --help)
  vambe-identity keys       list, rotate and retire signing keys; how much each secret is used (keys --help)
  vambe-identity outbox     what waits for delivery; retry it, or forget a person (outbox --help)
  vambe-identity import     bring many users to Vambe at once, out of CSV or JSON Lines (import --help)
  vambe-identity backup     copy an SQLite database beside a running exchange (backup --help)
  vambe-identity restored   what to run after a backup has been put back (restored --help)
  vambe-identity --version

Required: VAMBE_API_KEY, VAMBE_CHANNEL_ID, VAMBE_ALLOWED_ORIGINS, VAMBE_IDENTITY_SECRET.`;

type Command = (args: string[], environment: NodeJS.ProcessEnv) => Promise<void>;

/** Each is loaded when it is called, with what it needs. */
const COMMANDS = new Map<string, () => Promise<Command>>([
  ["serve", async () => (await import("./serve.ts")).serve],
  ["doctor", async () => (await import("./doctor.ts")).doctor],
  ["sign", async () => (await import("./sign.ts")).sign],
  ["verify", async () => (await import("./verify.ts")).verify],
  ["keys", async () => (await import("./keys.ts")).keys],
  ["backup", async () => (await import("./backup.ts")).backup],
  ["restored", async () => (await import("./restored.ts")).restored],
  ["import", async () => (await import("./import.ts")).importUsers],
  ["outbox", async () => (await import("./outbox.ts")).outbox],
]);

const [name = "--help", ...args] = process.argv.slice(2);
const load = COMMANDS.get(name);

if (load) {
  const command = await load();
  await command(args, process.env);
} else if (name === "--version") {
  console.log(await version());
} else if (name === "--help" || name === "-h") {
  console.log(await help());
} else {
  console.error(`vambe-identity: there is no command "${[name, ...args].join(" ")}"\n\n${await help()}`);
  process.exitCode = 2;
}
