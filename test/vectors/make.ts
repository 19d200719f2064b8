/** The vectors, in the order of the file. `node test/vectors/make.ts` writes proofs.json anew. */
import { writeFileSync } from "node:fs";
import { audiences, good, times, users } from "./claims.ts";
import { headers, secrets } from "./signatures.ts";
import type { Vector } from "./vector.ts";

/** All of it follows from the files beside this one: no clock, no chance. */
export const vectors: readonly Vector[] = [...good, ...secrets, ...headers, ...times, ...audiences, ...users];

if (import.meta.main) {
  writeFileSync(new URL("proofs.json", import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);
  console.log(`${vectors.length} vectors written`);
}
