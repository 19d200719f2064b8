import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cameFrom } from "../../server/http/admission/came-from.ts";
import { AllowedOrigins } from "../../server/http/cors.ts";
import { checkIdentifyBody } from "../../server/http/endpoint/identify-body.ts";
import { problemPages } from "../../server/http/endpoint/problem-page.ts";
import { readTokenRequest, tokenRefusal } from "../../server/http/endpoint/token-request.ts";
import { PROBLEMS, Problem } from "../../server/problems.ts";
import { proveByJwt } from "../../server/proof/jwt.ts";
import { readSessionUser } from "../../server/proof/session/user.ts";
import { alterations } from "../support/altered.ts";
import { junk, texts } from "../support/generated.ts";
import { signProof } from "../support/proofs.ts";
import { ORIGIN } from "../support/world.ts";

/** Every parser that a stranger can reach, by the thousand. */

const many = { numRuns: 3000, interruptAfterTimeLimit: 10_000 };

describe("by the thousand", () => {
  const request = new Request("https://id.example.com/identify", { method: "POST" });
  const SECRET = "0123456789abcdef0123456789abcdef";
  const byJwt = proveByJwt([SECRET]);
  const outcome = async (proof: string) => {
    try {
      return (await byJwt({ user: { id: "jane" }, request, proof }))?.id;
    } catch (error) {
      if (error instanceof Problem) return error.slug;
      throw error;
    }
  };

  test("a proof that was altered is refused with a reason", async () => {
    const proof = signProof(SECRET, "jane", { plan: "free", fields: { seats: 1 } });
    await fc.assert(
      fc.asyncProperty(alterations(proof), async (altered) => {
        expect(await outcome(altered)).toMatch(/^proof-(malformed|signature)$/);
      }),
      many,
    );
    expect(await outcome(proof)).toBe("jane");
  });

  test("any one bit of a proof's letters decides", async () => {
    const proof = signProof(SECRET, "jane");
    for (let at = 0; at < proof.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const letter = String.fromCharCode(proof.charCodeAt(at) ^ (1 << bit));
        const altered = proof.slice(0, at) + letter + proof.slice(at + 1);
        const spare =
          at === proof.length - 1 &&
          Buffer.from(altered.split(".")[2] ?? "", "base64url").equals(
            Buffer.from(proof.split(".")[2] ?? "", "base64url"),
          );
        if (!spare || !/[\w-]/.test(letter))
          expect(await outcome(altered), `${at} ${bit}`).toMatch(/^proof-/);
      }
    }
  });

  test("any text is a proof or has a reason not to be", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(texts, fc.string({ unit: fc.constantFrom(..."eyJ.-_A=") })), async (text) => {
        expect(await outcome(text)).toMatch(/^proof-/);
      }),
      many,
    );
  });

  test("any JSON is a body or a problem", () => {
    const bodies = fc.oneof(
      fc.jsonValue(),
      fc.record({ user: junk, proof: junk }),
      fc.record({
        user: fc.dictionary(fc.oneof(fc.constantFrom("id", "name", "fields", "__proto__"), texts), junk),
      }),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const thrown = errorOf(() => checkIdentifyBody(JSON.parse(JSON.stringify(body))));
        expect(thrown === undefined || thrown instanceof Problem).toBe(true);
      }),
      many,
    );
  });

  test("any form is a token request or a refusal", () => {
    fc.assert(
      fc.property(texts, fc.option(texts, { nil: undefined }), (text, origin) => {
        const form = "application/x-www-form-urlencoded";
        const thrown = errorOf(() => readTokenRequest(form, text, origin, new AllowedOrigins([ORIGIN])));
        expect(tokenRefusal(thrown, "https://id.example.com", "r")?.status).toBe(400);
      }),
      many,
    );
  });

  test("any answer of a session endpoint names a user, nobody, or has a reason", () => {
    const paths = fc.dictionary(
      fc.constantFrom("id", "name", "plan", "seats"),
      fc.constantFrom("a", "a.b", "user.id", "__proto__", "constructor.name", "length", ""),
    );
    fc.assert(
      fc.property(
        fc.oneof(junk, fc.record({ user: junk, id: junk, a: junk }, { requiredKeys: [] })),
        paths,
        (json, fields) => {
          const thrown = errorOf(() => readSessionUser(json, fields));
          expect(thrown === undefined || (thrown instanceof Problem && thrown.slug === "proof-claims")).toBe(
            true,
          );
        },
      ),
      many,
    );
  });

  test.each(["x-forwarded-for", "forwarded"])(
    "any %s leads to an address, or to the connection's own",
    (name) => {
      const hops = fc
        .array(fc.oneof(texts, fc.ipV4(), fc.ipV6()), { maxLength: 5 })
        .map((all) => all.join(name === "forwarded" ? ",for=" : ","));
      fc.assert(
        fc.property(hops, fc.nat({ max: 10 }), (forwarded, trusted) => {
          const headers = { get: (asked: string) => (asked === name ? forwarded : null) };
          expect(cameFrom({ address: "203.0.113.7", headers }, trusted).network).toMatch(
            /^([\d.]+|([0-9a-f]{1,4}:){4}:\/64)$/,
          );
        }),
        many,
      );
    },
  );

  test("any name is a problem's or none", () => {
    const pages = new Map(problemPages());
    fc.assert(
      fc.property(
        fc.oneof(texts, fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype))),
        (name) => {
          expect(pages.has(`GET /problems/${name}`)).toBe(Object.keys(PROBLEMS).includes(name));
        },
      ),
      many,
    );
  });
});

function errorOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
