import { EXAMPLES } from "./runner/examples.ts";
import { startExample } from "./start.ts";

const [name] = process.argv.slice(2);

try {
  if (!name) throw new Error(`npm run example <name>, which is one of: ${Object.keys(EXAMPLES).join(", ")}.`);
  // While it starts, at once; afterwards each process is asked to end.
  let stop = (): void => process.exit(130);
  process.once("SIGINT", () => stop());
  process.once("SIGTERM", () => stop());
  const example = await startExample(name, { log: console.error });
  stop = () => void example[Symbol.asyncDispose]().then(() => process.exit());
  console.log(`\n  The example runs: open ${example.url}  (Ctrl-C stops it)\n`);
  let seen = "";
  example.vambe.watch(() => {
    const lines = example.vambe.contacts().map(({ external_user_id, contact, meta_data, fields }) => {
      const verified = meta_data.verified === false ? "not verified" : "verified";
      return `  Vambe knows ${external_user_id}: ${contact.name}, ${contact.email}, ${JSON.stringify(fields)}, ${verified}`;
    });
    const now = lines.join("\n");
    if (now !== seen) console.log(now);
    seen = now;
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
