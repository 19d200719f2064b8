import { createHash } from "node:crypto";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { expect, inject, test } from "vitest";
import type { RawAnswer } from "../../support/raw-request.ts";
import { type MountedWorld, PREFIX } from "../harness/world.ts";

const SCRIPT = `${PREFIX}/vambe-identity.js`;

/** What a browser may say, and what it then gets from a host that leaves answers as they are. */
const ACCEPTED: [accepted: string | undefined, encoding: string | undefined][] = [
  ["gzip, deflate, br, zstd", "br"],
  ["gzip, deflate", "gzip"],
  ["br;q=0, gzip", "gzip"],
  ["br;q=0", undefined],
  ["identity", undefined],
  [undefined, undefined],
];

/** The widget, as the page's browser and its caches fetch it. */
export function widgetFiles(world: () => MountedWorld): void {
  const get = (accepted: string | undefined, more: Record<string, string> = {}, method = "GET") =>
    world().ask(SCRIPT, {
      method,
      headers: { ...(accepted !== undefined && { "accept-encoding": accepted }), ...more },
    });

  test.each(ACCEPTED)(
    "with Accept-Encoding %s the script arrives as it was built",
    async (accepted, encoding) => {
      const answer = await get(accepted);
      expect(answer.status).toBe(200);
      expect(decoded(answer)).toBe(inject("mounts").script);
      const used = answer.headers["content-encoding"];
      const { mount, variant } = world();
      if (mount.hostCompresses || variant.hostCompresses) expect(isTaken(used, accepted)).toBe(true);
      else expect(used).toBe(encoding);
      expect(answer.headers).toMatchObject({
        "content-type": expect.stringMatching(/^text\/javascript; ?charset=utf-8$/i),
        "access-control-allow-origin": "*",
        vary: expect.stringMatching(/accept-encoding/i),
      });
    },
  );

  test("each file of the widget is there, and is what its hash says", async () => {
    const hashes: Record<string, string> = JSON.parse((await world().ask(`${PREFIX}/integrity.json`)).text);
    expect(Object.keys(hashes).length).toBeGreaterThan(10);
    for (const [name, integrity] of Object.entries(hashes)) {
      const answer = await world().ask(`${PREFIX}/${name}`, { headers: { "accept-encoding": "br" } });
      const digest = createHash("sha384").update(decoded(answer)).digest("base64");
      expect([name, `sha384-${digest}`]).toEqual([name, integrity]);
    }
  });

  test("a browser that has the script is told so, and gets it from nobody", async () => {
    const { etag = "" } = (await get("gzip")).headers;
    const again = await get("gzip", { "if-none-match": etag });
    expect([again.status, again.bytes.length, again.headers.etag]).toEqual([304, 0, etag]);
    expect((await get("gzip", { "if-none-match": '"another"' })).status).toBe(200);
  });

  test("HEAD is answered as GET is, without the body", async () => {
    const [got, head] = await Promise.all([get("br"), get("br", {}, "HEAD")]);
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    for (const name of ["content-type", "content-encoding", "etag", "cache-control"])
      expect([name, head.headers[name]]).toEqual([name, got.headers[name]]);
  });
}

function decoded({ headers, bytes }: RawAnswer): string {
  const decoders: Record<string, (bytes: Buffer) => Buffer> = {
    br: brotliDecompressSync,
    gzip: gunzipSync,
    zstd: zstdDecompressSync,
  };
  const decode = decoders[headers["content-encoding"] ?? ""];
  return (decode ? decode(bytes) : bytes).toString("utf8");
}

/** Whether a browser that says this can read that encoding. */
function isTaken(encoding: string | undefined, accepted = ""): boolean {
  if (encoding === undefined) return true;
  const takes = accepted.split(",").map((item) => item.trim());
  return takes.includes(encoding);
}
