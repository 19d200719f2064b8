// mount: src/routes/identity/[...path]/+server.ts
import { createExchangeFromEnv } from "vambe-identity";

const exchange = createExchangeFromEnv();
process.once("sveltekit:shutdown", () => exchange.close());

export const fallback = ({ request, getClientAddress }) =>
  exchange.fetch(request, { address: getClientAddress() });
// :mount
