import { DEFAULT_PORTS, startDemo } from "./start.ts";

const wanted = (variable: string, otherwise: number) => Number(process.env[variable] ?? otherwise);

try {
  const demo = await startDemo({
    ports: {
      site: wanted("DEMO_SITE_PORT", DEFAULT_PORTS.site),
      exchange: wanted("DEMO_EXCHANGE_PORT", DEFAULT_PORTS.exchange),
      vambe: wanted("DEMO_VAMBE_PORT", DEFAULT_PORTS.vambe),
    },
    log: console.error,
  });
  const stop = () => void demo.close().then(() => process.exit());
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  console.log(`\n  The demo runs: open ${demo.siteUrl}  (Ctrl-C stops it)\n`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
