import { z } from "zod/mini";
import type { FieldError, Problem } from "../problems.ts";
import { fieldErrors, userId } from "../protocol.ts";

/** Somebody who acts for the user, such as support that has logged in as a customer. */
export interface Actor {
  id: string;
}

/** `act` as RFC 8693 §4.1 has it. Who acted before, in an `act` of its own, is of no account here. */
const act = z.object(
  { sub: userId },
  { error: "must be an object with the actor's `sub`, as in RFC 8693 §4.1" },
);

/**
 * Who acts, by a proof's `act`; `undefined` where it is the user himself.
 * @throws {Problem} where `act` is not to be understood: then it is not known that it is the user
 */
export function readActor(claim: unknown, isWrong: (mistakes: FieldError[]) => Problem): Actor | undefined {
  if (claim === undefined || claim === null) return undefined;
  const result = act.safeParse(claim);
  if (result.success) return { id: result.data.sub };
  throw isWrong(fieldErrors(result.error).map(({ field, detail }) => ({ field: actField(field), detail })));
}

const actField = (field: string) => (field === "body" ? "act" : `act.${field}`);
