// mount: app/identity/[...path]/route.ts
import { createRouteHandlers } from "vambe-identity/next";

export const { GET, HEAD, POST, OPTIONS } = createRouteHandlers();
// :mount
