// mount: src/pages/identity/[...path].ts
import { createExchangeFromEnv } from "vambe-identity";

const exchange = createExchangeFromEnv();
process.once("SIGTERM", () => exchange.close().then(() => process.exit()));

export const ALL = ({ request, clientAddress }) => exchange.fetch(request, { address: clientAddress });
// :mount
