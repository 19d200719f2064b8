/**
 * What Vambe's API lists, for who wants to know whether an id exists there. Source: its API reference. Names, emails and
 * phone numbers stand in the answers too: none is read.
 */

/** `[{ id, name, description, stages: [{ id, name, description }] }]` */
export const PIPELINES = "/api/public/pipeline";
/** `[{ id, name, first_name, last_name, email, phone }]` */
export const TEAM = "/api/public/team-members/all";

/** The ids of all stages; `undefined` where the answer has another form. */
export function stageIdsIn(json: unknown): string[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const stages = json.map((pipeline) => Object(pipeline).stages);
  return stages.every(Array.isArray) ? idsIn(stages.flat()) : undefined;
}

/** The ids of all members; `undefined` where the answer has another form. */
export const memberIdsIn = (json: unknown): string[] | undefined =>
  Array.isArray(json) ? idsIn(json) : undefined;

function idsIn(entries: unknown[]): string[] | undefined {
  const ids = entries.map((entry): unknown => Object(entry).id);
  return ids.every((id) => typeof id === "string") ? ids.map((id) => id.toLowerCase()) : undefined;
}
