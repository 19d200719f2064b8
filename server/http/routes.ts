import type { Settings } from "../settings/check-settings.ts";
import type { Endpoint } from "./call.ts";
import type { Routes } from "./core.ts";
import { doctorEndpoint } from "./endpoint/doctor.ts";
import { livez, readyz } from "./endpoint/health.ts";
import { identifyEndpoint } from "./endpoint/identify.ts";
import { jwks } from "./endpoint/jwks.ts";
import { options, preflight } from "./endpoint/preflight.ts";
import { problemPages } from "./endpoint/problem-page.ts";
import { tokenEndpoint } from "./endpoint/token.ts";
import { webchat } from "./endpoint/webchat.ts";
import { integrity, widgetFiles } from "./endpoint/widget-files.ts";
import type { PageAnswers } from "./page-answers.ts";
import type { Served } from "./served.ts";
import type { WidgetFiles } from "./widget-files.ts";

/** What those endpoints need that look into no ledger. */
export interface WithoutLedger {
  answers: PageAnswers;
  widget: WidgetFiles;
  settings: Pick<Settings, "channelId" | "compress">;
}

/** All that is answered, and where. */
export function createRoutes(served: Served): Routes {
  return new Map([...routesWithoutLedger(served), ...routesOfLedger(served)]);
}

/** What is answered also while there is no database. */
export const routesWithoutLedger = ({
  answers,
  widget,
  settings,
}: WithoutLedger): [route: string, Endpoint][] => [
  ["OPTIONS /identify", preflight(answers)],
  ["OPTIONS /token", preflight(answers)],
  ["OPTIONS /", options],
  ["GET /integrity.json", integrity(widget)],
  ["GET /webchat.json", webchat(settings.channelId)],
  ["GET /livez", livez],
  ...widgetFiles(widget, settings.compress),
  ...problemPages(),
];

const routesOfLedger = (served: Served): [LedgerRoute, Endpoint][] => [
  ["POST /identify", identifyEndpoint(served)],
  ["POST /token", tokenEndpoint(served)],
  ["POST /doctor", doctorEndpoint(served)],
  ["GET /.well-known/jwks.json", jwks(served.tokens)],
  ["GET /readyz", readyz(served.health, served.log)],
];

type LedgerRoute = (typeof LEDGER_ROUTES)[number];

/** What nothing but an open exchange can answer. */
export const LEDGER_ROUTES = [
  "POST /identify",
  "POST /token",
  "POST /doctor",
  "GET /.well-known/jwks.json",
  "GET /readyz",
] as const;
