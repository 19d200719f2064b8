import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { contactOf, known, saidOfChat, type Visitor } from "./visitor.ts";

export interface Person {
  id: string;
  name: string;
  email: string;
  /** Custom fields at Vambe. */
  fields: Record<string, string>;
}

const ANA: Person = {
  id: "user-ana-01",
  name: "Ana Rivera",
  email: "ana@example.com",
  fields: { plan: "free" },
};
const BRUNO: Person = {
  id: "user-bruno-02",
  name: "Bruno Costa",
  email: "bruno@example.com",
  fields: { plan: "pro" },
};

export async function logIn({ page }: Pick<Visitor, "page">, { id, name }: Person): Promise<void> {
  await page.getByLabel("Sign in as").selectOption(name);
  await page.getByRole("button", { name: "Log in" }).click();
  await saidOfChat(page, `The chat knows ${id}, verified.`);
}

const asContact = ({ id, name, email, fields }: Person) => ({
  external_user_id: id,
  contact: { name, email },
  meta_data: { source: "vambe-identity" },
  fields,
});

interface Differences {
  people?: readonly [ana: Person, bruno: Person];
  /** Where pages get a fresh proof; `null` where the page itself is of nobody, and asks in a way of its own. */
  proofRoute?: string | null;
}

/** What each example has to show, one step after the other: in, another, looked at again, out. */
export function tellsItsStory(
  visitor: () => Visitor,
  { people: [ana, bruno] = [ANA, BRUNO], proofRoute = "/vambe-proof" }: Differences = {},
): void {
  /** In the page, with its session. */
  const askForProof = async () => {
    const { page, example } = visitor();
    const answer = await page.request.get(`${example.url}${proofRoute}`);
    return { status: answer.status(), cache: answer.headers()["cache-control"], text: await answer.text() };
  };

  test("nobody is known before somebody logs in", async () => {
    const { example, page } = visitor();
    await page.goto(example.url);
    await page.waitForLoadState("networkidle");
    expect(await page.getByRole("status").textContent()).toBe("The chat knows nobody.");
    expect(example.vambe.contacts()).toEqual([]);
  });

  test("who logs in is a contact at Vambe, with every trait that the backend has signed", async () => {
    const { example, page } = visitor();
    await logIn(visitor(), ana);
    expect(await contactOf(example, ana.id)).toMatchObject(asContact(ana));
    await page.locator("vambe-identity").getByText(ana.name).waitFor();
  });

  test("another user is another contact, and the page knows the new one", async () => {
    const { example, page } = visitor();
    await logIn(visitor(), bruno);
    expect(await contactOf(example, bruno.id)).toMatchObject(asContact(bruno));
    await page.locator("vambe-identity").getByText(bruno.name).waitFor();
    expect(example.vambe.contacts()).toHaveLength(2);
  });

  test("a page that is loaded again knows the same user, and Vambe is not asked again", async () => {
    const { example, page } = visitor();
    await page.reload();
    await saidOfChat(page, `The chat knows ${bruno.id}, verified.`);
    expect(example.vambe.upserts()).toHaveLength(2);
  });

  if (proofRoute !== null) {
    test("a page that stays open gets fresh proofs, and no cache keeps them or it", async () => {
      const { page, example } = visitor();
      const [first, second] = [await askForProof(), await askForProof()];
      expect(decodeJwt(first.text).sub).toBe(bruno.id);
      expect(decodeJwt(second.text).jti).not.toBe(decodeJwt(first.text).jti);
      const shown = await page.request.get(example.url);
      expect([first.cache, shown.headers()["cache-control"]]).toEqual([
        "private, no-store",
        "private, no-store",
      ]);
    });
  }

  test("the page has neither the secret nor a session that scripts can read", async () => {
    const { example, page } = visitor();
    expect(await page.content()).not.toContain(example.secret);
    expect(await page.evaluate(() => document.cookie)).not.toMatch(/session|sess_?id/i);
  });

  test("who logs out is forgotten, in a tab beside it too", async () => {
    const { example, context, page } = visitor();
    const beside = await context.newPage();
    await beside.goto(example.url);
    await saidOfChat(beside, `The chat knows ${bruno.id}, verified.`);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByText("Nobody is signed in.").waitFor();
    await beside.waitForFunction(() => window.VambeIdentify?.current === null);
    await beside.close();
    await page.waitForFunction(() => localStorage.getItem("vambe-identity")?.startsWith("[null,"));
    expect(await known(page)).toEqual([null, expect.stringMatching(/^\[null,/)]);
    expect(await page.locator("vambe-identity").getByText(bruno.name).count()).toBe(0);
    expect(example.vambe.contacts()).toHaveLength(2);
    if (proofRoute !== null) expect(await askForProof()).toMatchObject({ status: 401 });
  });

  test("no page has complained of anything", () => {
    expect(visitor().complaints).toEqual([]);
  });
}
