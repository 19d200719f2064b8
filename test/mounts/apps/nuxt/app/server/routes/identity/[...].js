// mount: server/routes/identity/[...].ts
import { exchange } from "../../exchange";

export default defineEventHandler((event) =>
  exchange.fetch(toWebRequest(event), { address: getRequestIP(event) }),
);
// :mount
