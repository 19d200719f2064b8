#!/usr/bin/env node
import { version } from "../package-root.ts";

const HELP = `vambe-identity ${version}: tells Vambe's webchat who is signed in.

  vambe-identity serve      run the exchange; settings come from the environment
  vambe-identity sign       print a proof for a user, to try an exchange out (sign --help)
  vambe-identity keys       list, rotate and retire signing keys; how much each secret is used (keys --help)
  vambe-identity outbox     what waits for delivery; retry it, or forget a person (outbox --help)
  vambe-identity --version

Required: VAMBE_API_KEY, VAMBE_CHANNEL_ID, VAMBE_ALLOWED_ORIGINS, VAMBE_IDENTITY_SECRET.`;

const [command = "--help", ...rest] = process.argv.slice(2);

if (command === "serve" && rest.length === 0) {
  const { serve } = await import("./serve.ts");
  await serve(process.env);
} else if (command === "sign") {
  const { sign } = await import("./sign.ts");
  await sign(rest, process.env);
} else if (command === "keys") {
  const { keys } = await import("./keys.ts");
  await keys(rest, process.env);
} else if (command === "outbox") {
  const { outbox } = await import("./outbox.ts");
  await outbox(rest, process.env);
} else if (command === "--version") {
  console.log(version);
} else if (command === "--help" || command === "-h") {
  console.log(HELP);
} else {
  console.error(`vambe-identity: there is no command "${[command, ...rest].join(" ")}"\n\n${HELP}`);
  process.exitCode = 2;
}
