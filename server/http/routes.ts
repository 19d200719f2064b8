import type { Routes } from "./core.ts";
import { livez, readyz } from "./endpoint/health.ts";
import { identifyEndpoint } from "./endpoint/identify.ts";
import { jwks } from "./endpoint/jwks.ts";
import { options, preflight } from "./endpoint/preflight.ts";
import { problemPages } from "./endpoint/problem-page.ts";
import { tokenEndpoint } from "./endpoint/token.ts";
import { webchat } from "./endpoint/webchat.ts";
import { integrity, widgetFiles } from "./endpoint/widget-files.ts";
import type { Served } from "./served.ts";

/** All that is answered, and where. */
export function createRoutes(served: Served): Routes {
  const { answers, tokens, widget, health, settings, log } = served;
  return new Map([
    ["POST /identify", identifyEndpoint(served)],
    ["OPTIONS /identify", preflight(answers)],
    ["POST /token", tokenEndpoint(served)],
    ["OPTIONS /token", preflight(answers)],
    ["OPTIONS /", options],
    ["GET /.well-known/jwks.json", jwks(tokens)],
    ["GET /integrity.json", integrity(widget)],
    ["GET /webchat.json", webchat(settings.channelId)],
    ["GET /livez", livez],
    ["GET /readyz", readyz(health, log)],
    ...widgetFiles(widget),
    ...problemPages(),
  ]);
}
