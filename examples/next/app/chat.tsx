"use client";
import { useVambeIdentity } from "vambe-identity/react";
import type { User } from "./users";

/** Tells the chat who is signed in, by the id alone: the exchange takes the rest from the session. */
export function Chat({ user }: { user: User | null }) {
  const { status, identity, error } = useVambeIdentity(user && { id: user.id }, { server: "/identity" });
  return (
    <p role="status">
      {status === "identified" && `The chat knows ${identity.id}${identity.verified ? ", verified" : ""}.`}
      {status === "identifying" && "One moment…"}
      {status === "failed" && `The chat does not know you: ${error.code}.`}
      {status === "anonymous" && "The chat knows nobody."}
    </p>
  );
}
