// mount: server/exchange.ts
import { createExchangeFromEnv } from "vambe-identity";

export const exchange = createExchangeFromEnv();
// :mount
