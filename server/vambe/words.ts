import { isObject } from "../is-object.ts";
import type { Answer } from "./answer.ts";
import type { Upsert } from "./contract.ts";
import { withoutSent } from "./without-sent.ts";

/** Characters that an operator gets to read at most. */
const LONGEST = 200;

/** Names under which APIs say what is wrong, as Nest (`message`) and RFC 9457 (`detail`) do. All that are there count. */
const SAID = ["message", "detail", "error_description", "errors", "details"];
/** What they say in general. It counts where there is nothing better. */
const SAID_IN_GENERAL = ["error", "title", "reason", "description", "msg", "code"];

/**
 * What an answer says, in its own words but without anything that was sent; `undefined` where it says nothing. Only
 * what was read as a whole counts: of a value that breaks off half-way, the half would not be found and cut out.
 */
export function wordsIn(answer: Answer, body: Upsert, apiKey: string): string | undefined {
  const text = answer.complete ? textOf(answer) : "";
  const left = text === "" ? [] : [...withoutSent(text, body, apiKey)];
  if (!left.some((character) => /[\p{L}\p{N}]/u.test(character))) return undefined;
  return left.length > LONGEST ? `${left.slice(0, LONGEST - 1).join("")}…` : left.join("");
}

/** Whether the body of a 2xx says that it failed. Reported of other endpoints of Vambe's: `success`, `ok`, `error`. */
export function complaintIn(json: unknown): boolean {
  if (!isObject(json)) return false;
  return json.success === false || json.ok === false || isSomething(json.error) || isSomething(json.errors);
}

function textOf({ status, text, json, isPage, leadsTo }: Answer): string {
  if (status >= 300 && status < 400 && leadsTo !== undefined) return `leads to ${leadsTo}`;
  if (json !== undefined) return said(json);
  // Of a web page, the title: what stands in its body is written for visitors.
  return isPage || text.startsWith("<") ? (/<title[^<>]*>([^<]*)/i.exec(text)?.[1] ?? "") : text;
}

/** Under other names than those stands what it is about, such as a contact. `within` one of them everything counts. */
function said(value: unknown, within = false, depth = 6): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || depth === 0) return "";
  if (Array.isArray(value)) return listed(value.map((one) => said(one, within, depth - 1)));
  const all = new Map(Object.entries(value));
  const inner = (one: unknown) => said(one, true, depth - 1);
  const under = (names: string[]) => listed(names.map((name) => inner(all.get(name))));
  const found = under(SAID) || under(SAID_IN_GENERAL);
  if (found !== "" || !within) return found;
  return listed([...all].map(([name, one]) => (inner(one) === "" ? "" : `${name}: ${inner(one)}`)));
}

const listed = (texts: string[]): string => texts.filter((text) => text !== "").join("; ");

function isSomething(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}
