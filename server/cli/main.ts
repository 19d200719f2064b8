#!/usr/bin/env node
import { version } from "../package-root.ts";
import { serve } from "./serve.ts";

const HELP = `vambe-identity ${version}: tells Vambe's webchat who is signed in.

  vambe-identity serve      run the exchange; settings come from the environment
  vambe-identity --version

Required: VAMBE_API_KEY, VAMBE_CHANNEL_ID, VAMBE_ALLOWED_ORIGINS, VAMBE_IDENTITY_SECRET.`;

const [command = "--help", ...rest] = process.argv.slice(2);

if (command === "serve" && rest.length === 0) {
  await serve(process.env);
} else if (command === "--version") {
  console.log(version);
} else if (command === "--help" || command === "-h") {
  console.log(HELP);
} else {
  console.error(`vambe-identity: there is no command "${[command, ...rest].join(" ")}"\n\n${HELP}`);
  process.exitCode = 2;
}
