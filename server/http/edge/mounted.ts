import type { IncomingMessage, ServerResponse } from "node:http";
import type { NodeListener } from "../../types.ts";
import type { AnswerCall } from "../core.ts";
import { basePathOf, pathBelow } from "../path.ts";
import { createNodeListener } from "./node.ts";

/** What Express and Connect keep where they have taken off the path that something is mounted at. */
interface Mounted {
  originalUrl?: string;
}

/** What is mounted. */
interface Mountable {
  answer: AnswerCall;
  /** Whether there is something at a path below the exchange's own. */
  has(path: string): boolean;
  publicUrl: string;
}

/** The edge for an app of `node:http` that has more than the exchange in it. */
export function createMountedListener({ answer, has, publicUrl }: Mountable): NodeListener {
  const listen = createNodeListener(answer, publicUrl);
  const basePath = basePathOf(publicUrl);
  return (request, response, next) => {
    const incoming = request as IncomingMessage & Mounted;
    const path = pathBelow(basePath, incoming.url ?? "/");
    if (next && !(isMeant(incoming, basePath) && has(path))) return next();
    listen(incoming, response as ServerResponse<IncomingMessage> & { req: IncomingMessage });
  };
}

/** At the root of an app only what is below the exchange's own path is meant for it: the app may have a `/token` too. */
const isMeant = ({ originalUrl, url = "/" }: IncomingMessage & Mounted, basePath: string): boolean =>
  (originalUrl !== undefined && originalUrl !== url) || url.startsWith(`${basePath}/`);
