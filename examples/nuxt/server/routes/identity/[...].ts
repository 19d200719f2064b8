import { exchange } from "../../exchange";

export default defineEventHandler((event) =>
  exchange.fetch(toWebRequest(event), { address: getRequestIP(event) }),
);
