// mount: app/routes/identity.ts
import { createExchangeFromEnv } from "vambe-identity";

const exchange = createExchangeFromEnv();
process.once("SIGTERM", () => exchange.close());

export const loader = ({ request }) => exchange.fetch(request);
export const action = loader;
// :mount
