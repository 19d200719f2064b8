import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod/mini";
import { checked } from "./checked.ts";
import type { createContacts } from "./contacts.ts";
import { readJson } from "./read-json.ts";
import { Refusal } from "./refusal.ts";

/**
 * The endpoints that Vambe's page names beside the upsert, as far as its API reference tells of them: the reference shows no
 * body for a ticket, so any is taken.
 */

const webchatMetadata = z.looseObject({
  externalUserId: z.string().check(z.minLength(1)),
  metadata: z.record(z.string(), z.unknown()),
});
/** The table of the reference has the values at the top, its example in `metadata`. */
const contactMetadata = z.record(z.string(), z.unknown());

interface Around {
  stumble(): Promise<void>;
  checkKey(given: string | undefined): void;
  changed(): void;
}

export function createRelatedRoutes(
  contacts: Pick<ReturnType<typeof createContacts>, "addMetadata" | "byId">,
  { stumble, checkKey, changed }: Around,
): Hono {
  const app = new Hono();
  const enter = async (c: Context) => {
    await stumble();
    checkKey(c.req.header("x-api-key"));
  };
  const found = <T>(contact: T | undefined): T => {
    if (contact === undefined) throw new Refusal(404, "Contact not found");
    changed();
    return contact;
  };

  app.post("/api/public/webchat/contact/add-metadata", async (c) => {
    await enter(c);
    const { externalUserId, metadata } = checked(webchatMetadata, await readJson(c.req.raw));
    const isHis = (contact: { external_user_id: string | null }) =>
      contact.external_user_id === externalUserId;
    return c.json(found(contacts.addMetadata(isHis, metadata)), 201);
  });
  app.post("/api/public/contact/:id/update-metadata", async (c) => {
    await enter(c);
    const body = checked(contactMetadata, await readJson(c.req.raw));
    const inside = contactMetadata.safeParse(body.metadata);
    const isIt = ({ contact }: { contact: { id: string } }) => contact.id === c.req.param("id");
    return c.json(found(contacts.addMetadata(isIt, inside.success ? inside.data : body)), 201);
  });
  app.get("/api/public/contact/:id/info", async (c) => {
    await enter(c);
    return c.json(found(contacts.byId(c.req.param("id"))));
  });
  app.post("/api/public/ticket/open/web-whatsapp/:phoneId", async (c) => {
    await enter(c);
    const body = checked(contactMetadata, await readJson(c.req.raw));
    return c.json({ id: randomUUID(), phone_id: c.req.param("phoneId"), ...body }, 201);
  });
  return app;
}
