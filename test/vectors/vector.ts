import { signJwt } from "../support/proofs.ts";

/** One line of proofs.json; docs/signing.md describes it. */
export interface Vector {
  name: string;
  secret: string;
  user: { id: string | number };
  now: number;
  proof: string;
  accepted: boolean;
  problem: string | null;
  proven: Json | null;
  why: string;
}

type Json = Record<string, unknown>;
type Frame = Partial<Pick<Vector, "secret" | "user" | "now">>;

/** 2027-01-15T08:00:00Z. */
export const NOW = 1_800_000_000;
export const HOUR = 3600;
export const SECRET = "vector-secret-0123456789abcdef-0123456789";
export const OLDER = "vector-secret-before-the-last-rotation-000";
const JANE = { name: "Jane Doe", email: "jane@example.com", plan: "premium" };

export const claims = (changes: Json = {}): Json => ({
  sub: "user-1",
  ...JANE,
  aud: "vambe-identity",
  iat: NOW,
  exp: NOW + 600,
  jti: "6f1c3a52-0000-4000-8000-000000000001",
  ...changes,
});

/** A proof that differs from the good one by these claims and headers; `undefined` leaves one out. */
export const proof = (changes: Json = {}, header: Json = {}) => signJwt(claims(changes), SECRET, header);

const usual = { secret: SECRET, user: { id: "user-1" }, now: NOW };

export const accepted = (name: string, made: string, why: string, frame: Frame = {}, proven: Json = {}) => ({
  name,
  ...usual,
  ...frame,
  proof: made,
  accepted: true,
  problem: null,
  proven: { id: "user-1", ...JANE, ...proven },
  why,
});

export const refused = (name: string, problem: string, made: string, why: string, frame: Frame = {}) => ({
  name,
  ...usual,
  ...frame,
  proof: made,
  accepted: false,
  problem,
  proven: null,
  why,
});
