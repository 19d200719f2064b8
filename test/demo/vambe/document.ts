import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "yaml";

const text = readFileSync(new URL("../../vambe/upsert.openapi.yaml", import.meta.url), "utf8");
const document = parse(text);
const { requestBody } = document.paths["/api/public/customer/upsert/info"].post;

const ajv = new Ajv();
addFormats.default(ajv);

/** Whether Vambe's own document allows the body. */
export const allowedByDocument = ajv.compile(document.components.schemas.UpsertCustomerBodyDto);

/** The bodies that the document gives as examples. */
export function exampleOf(channel: "whatsapp" | "webchat"): Record<string, unknown> {
  return structuredClone(requestBody.content["application/json"].examples[channel].value);
}
