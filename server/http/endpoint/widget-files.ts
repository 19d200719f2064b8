import { type Answer, type Call, type Endpoint, jsonAnswer } from "../call.ts";
import { always } from "../page-answers.ts";
import type { Encoding, WidgetFile, WidgetFiles } from "../widget-files.ts";

/** `GET` of each file. @param compress whether it is sent compressed */
export const widgetFiles = (files: WidgetFiles, compress: boolean): [route: string, Endpoint][] =>
  [...files].map(([name, file]) => [`GET /${name}`, (call) => serve(file, call, compress)]);

/** `GET /integrity.json`: the hash of each file, for the `integrity` attribute of a script tag. */
export const integrity =
  (files: WidgetFiles): Endpoint =>
  (call) =>
    jsonAnswer(Object.fromEntries([...files].map(([name, { integrity }]) => [name, integrity])), 200, {
      ...always(call),
      "access-control-allow-origin": "*",
      "cache-control": "no-cache",
    });

/** The best encoding that the browser takes, or 304. */
function serve(file: WidgetFile, call: Call, compress: boolean): Answer {
  const encoding = !compress ? "identity" : chooseEncoding(call.headers.get("accept-encoding") ?? "");
  const etag = `"${file.etag}-${encoding}"`;
  const headers: Record<string, string> = {
    ...always(call),
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "timing-allow-origin": "*",
    "cache-control": file.cacheControl,
    vary: "Accept-Encoding",
    etag,
  };
  const known = call.headers
    .get("if-none-match")
    ?.split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""));
  if (known?.includes(etag)) return { status: 304, headers };
  if (encoding !== "identity") headers["content-encoding"] = encoding;
  headers["content-type"] = "text/javascript; charset=utf-8";
  return { status: 200, headers, body: file.body(encoding) };
}

function chooseEncoding(accepted: string): Encoding {
  const names = accepted
    .split(",")
    .filter((item) => !/;\s*q=0(\.0*)?\s*$/.test(item))
    .map((item) => item.split(";", 1)[0]?.trim());
  return names.includes("br") ? "br" : names.includes("gzip") ? "gzip" : "identity";
}
