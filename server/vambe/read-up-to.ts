/**
 * The first bytes of a body, as text. Stops at `limit` bytes, at the end, or where the body breaks off (the
 * deadline of the request ends it too), and lets go of the connection.
 */
export async function readUpTo(response: Response, limit: number): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    while (size < limit) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      size += value.byteLength;
    }
  } catch {
    // What arrived before the break is all there is.
  }
  reader.cancel().catch(() => {});
  return Buffer.concat(chunks).subarray(0, limit).toString("utf8");
}
