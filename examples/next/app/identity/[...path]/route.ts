import { createRouteHandlers } from "vambe-identity/next";
import { currentUser } from "../../session";

export const { GET, HEAD, POST, OPTIONS } = createRouteHandlers({ authenticate: currentUser });
