/** A body as far as it was read. */
export interface ReadBody {
  text: string;
  /** Whether that is all of it. */
  complete: boolean;
}

/**
 * The first bytes of a body, as text. Stops at `limit` bytes, at the end, or where the body breaks off (the
 * deadline of the request ends it too), and lets go of the connection.
 */
export async function readUpTo(response: Response, limit: number): Promise<ReadBody> {
  const reader = response.body?.getReader();
  if (!reader) return { text: "", complete: true };
  const chunks: Uint8Array[] = [];
  let size = 0;
  let complete = false;
  try {
    while (size < limit && !complete) {
      const { done, value } = await reader.read();
      complete = done;
      if (done) break;
      chunks.push(value);
      size += value.byteLength;
    }
  } catch {
    // What arrived before the break is all there is.
  }
  reader.cancel().catch(() => {});
  return { text: Buffer.concat(chunks).subarray(0, limit).toString("utf8"), complete };
}
