import { signProof } from "../support/proofs.ts";
import { ORIGIN } from "../support/world.ts";

export const person = (number: number) => ({
  id: `user-${number}`,
  name: `Jane Doe ${number}`,
  email: `jane${number}@example.com`,
  plan: "premium",
});

/** A page's identify as the bytes that a browser would send, with a proof that covers all of it. */
export function identifyBytes(secret: string, number: number, claims: object = {}): Buffer {
  const user = person(number);
  const { id, ...traits } = user;
  const body = JSON.stringify({ user, proof: signProof(secret, id, { ...traits, ...claims }) });
  const head = [
    "POST /identify HTTP/1.1",
    "Host: id.example.com",
    `Origin: ${ORIGIN}`,
    "Content-Type: application/json",
    "Accept: */*",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}
