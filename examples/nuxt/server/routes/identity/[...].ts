import { toNodeListener } from "vambe-identity";
import { exchange } from "../../exchange";

export default fromNodeMiddleware(toNodeListener(exchange));
