/** As Nest's body parser has it: what is not sent as JSON is not there, what is not JSON is a mistake. */
export async function readJson(request: Request): Promise<unknown> {
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) return {};
  try {
    return JSON.parse(await request.text());
  } catch {
    return undefined;
  }
}
