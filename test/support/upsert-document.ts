import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "yaml";

/** Vambe's OpenAPI document of the upsert, word for word as published. */
export const upsertDocument = parse(
  readFileSync(new URL("../vambe/upsert.openapi.yaml", import.meta.url), "utf8"),
);

const ajv = new Ajv({ allErrors: true, strict: false });
addFormats.default(ajv);
const validate = ajv.compile(upsertDocument.components.schemas.UpsertCustomerBodyDto);

/** What the document finds wrong with a body, after the trip through JSON that it makes on the wire. */
export function mistakesByTheDocument(body: unknown): string[] {
  if (validate(JSON.parse(JSON.stringify(body)))) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
