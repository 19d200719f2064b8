import { createExchangeFromEnv } from "vambe-identity";

export const exchange = createExchangeFromEnv();
