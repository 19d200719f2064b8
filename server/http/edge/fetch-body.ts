import { bodyReadBefore } from "./parsed-body.ts";
import { REST } from "./rest.ts";

/** How long a body may take, in milliseconds: not every host sets a bound, or ends a body when its sender has gone. */
const BODY_MS = 15_000;

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** The body's bytes, or `undefined` where there are more than `most`. Rejects where it breaks off or takes too long. */
export async function bytesOf(
  { body, bodyUsed }: Pick<Request, "body" | "bodyUsed">,
  most: number,
): Promise<Uint8Array | undefined> {
  if (bodyUsed) throw bodyReadBefore();
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  let late = false;
  const impatience = setTimeout(() => {
    late = true;
    reader.cancel().catch(() => {});
  }, BODY_MS);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (late) throw new Error("the body takes too long");
      if (done) return Buffer.concat(chunks);
      if (!(value instanceof Uint8Array)) throw new TypeError("the body is not made of bytes");
      size += value.byteLength;
      if (size > most) break;
      chunks.push(value);
    }
  } catch (error) {
    // A host with a limit of its own, such as SvelteKit, says so when the body is read.
    if (Object(error).status === 413) return undefined;
    throw error;
  } finally {
    clearTimeout(impatience);
  }
  void throwAwayRest(reader);
  return undefined;
}

/**
 * Where a body is cancelled, hosts such as React Router close the connection, and the sender gets no answer. So the rest is
 * taken, while the answer goes out, up to a bound.
 */
async function throwAwayRest(reader: Reader): Promise<void> {
  const end = () => void reader.cancel().catch(() => {});
  const impatience = setTimeout(end, REST.ms);
  try {
    for (let taken = 0; taken <= REST.bytes; ) {
      const { done, value } = await reader.read();
      if (done) return;
      taken += value.byteLength;
    }
    end();
  } catch {
    // It has broken off, and nobody waits for it.
  } finally {
    clearTimeout(impatience);
  }
}
