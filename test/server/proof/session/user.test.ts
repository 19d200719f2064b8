import { describe, expect, test } from "vitest";
import { readSessionUser, whereIdIsNot } from "../../../../server/proof/session/user.ts";
import { refusalIn } from "../../../support/refusal.ts";

const JANE = { id: "u1", name: "Jane", email: "jane@example.com", plan: "pro" };

describe("the user in an answer", () => {
  const idAndTraits = (answer: unknown, paths = {}) => {
    const user = readSessionUser(answer, paths);
    expect(user?.ignored ?? []).toEqual([]);
    return user && JSON.parse(JSON.stringify({ id: user.id, ...user.traits }));
  };

  test.each<[string, unknown, Record<string, string>, unknown]>([
    ["with sub", { sub: "u1", name: "Jane" }, {}, { id: "u1", name: "Jane" }],
    ["with a number for the id", { id: 7 }, {}, { id: "7" }],
    ["inside user", { user: JANE, name: "The Shop", expires: "x" }, {}, JANE],
    ["beside a user", { id: "u1", user: { id: "u2", name: "x" } }, {}, { id: "u1" }],
    ["with fields", { id: "u1", fields: { seats: 3 } }, {}, { id: "u1", fields: { seats: "3" } }],
    [
      "elsewhere",
      { data: { uuid: "u1", profile: { full: "Jane" } }, name: "no", email: "jane@example.com" },
      { id: "data.uuid", name: "data.profile.full" },
      { id: "u1", name: "Jane", email: "jane@example.com" },
    ],
    [
      "with custom fields from elsewhere",
      { id: "u1", account: { seats: 3 }, fields: { crew: "red" } },
      { seats: "account.seats", none: "account.none" },
      { id: "u1", fields: { crew: "red", seats: "3" } },
    ],
    [
      "with a company, and fields from elsewhere that are empty or whose place is",
      { id: "u1", company: { id: 7, name: "Acme", plan: null }, account: null, crew: null },
      { seats: "account.seats", team: "crew" },
      { id: "u1", company: { id: "7", name: "Acme", plan: null }, fields: { seats: null, team: null } },
    ],
    [
      "with custom fields from elsewhere alone",
      { id: "u1", account: { seats: 3 } },
      { seats: "account.seats" },
      { id: "u1", fields: { seats: "3" } },
    ],
    ["with a path that leads nowhere", { id: "u1", name: "no" }, { name: "a.b.c" }, { id: "u1" }],
    ["with a path to the id that leads nowhere", { id: "u1" }, { id: "user.id" }, undefined],
    ["with what every object inherits", { id: "u1" }, { name: "constructor.name" }, { id: "u1" }],
    ["with an id that is null", { id: null, sub: "u1" }, {}, { id: "u1" }],
    ["with a list where the user may be", { user: ["u1"] }, {}, undefined],
    ["with a user that is a text, beside the id", { sub: "u1", user: "jane" }, {}, { id: "u1" }],
    [
      "with fields that are null, and one from elsewhere",
      { id: "u1", fields: null, crew: "red" },
      { team: "crew" },
      { id: "u1", fields: { team: "red" } },
    ],
    [
      "with traits that the setting has too",
      { id: "u1", mail: "jane@example.com", tier: "pro", more: { seats: 3 } },
      { email: "mail", plan: "tier", fields: "more" },
      { id: "u1", email: "jane@example.com", plan: "pro", fields: { seats: "3" } },
    ],
    ["in a prototype", JSON.parse('{"__proto__":{"id":"admin"}}'), {}, undefined],
  ])("is found %s", (_, answer, paths, expected) => {
    expect(idAndTraits(answer, paths)).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ["a list", ["red"]],
    ["a text", "red"],
  ])(
    "has no custom fields where they are %s: not even those that the setting finds elsewhere",
    (_, fields) => {
      const user = readSessionUser({ id: "u1", fields, crew: "red" }, { team: "crew" });
      expect(user).toMatchObject({ id: "u1", ignored: [{ trait: "fields", reason: "not-valid" }] });
      expect(user?.traits.fields).toBeUndefined();
    },
  );

  test("that is wrong is said with the member that is to blame", () => {
    expect(() => readSessionUser({ id: "u\n1" }, {})).toThrow(
      "The site's session endpoint names a user that is not valid.",
    );
    for (const [answer, field] of [
      [{ id: "u\n1" }, "id"],
      [{ sub: "u1", act: "support" }, "act"],
    ] as const) {
      try {
        expect(readSessionUser(answer, {})).toBe("refused");
      } catch (error) {
        expect(error).toMatchObject({ slug: "proof-claims", errors: [{ field }] });
      }
    }
  });
});

describe("who acts for the user", () => {
  const act = { sub: "support-7" };

  test.each<[string, unknown, Record<string, string>]>([
    ["beside the id", { id: "u1", act }, {}],
    ["inside the user", { user: { id: "u1", act } }, {}],
    ["beside the user", { user: { id: "u1" }, act }, {}],
    ["inside a user that is not the one who counts", { id: "u1", user: { act } }, {}],
    ["beside the id where the setting finds it", { data: { me: { uid: "u1", act } } }, { id: "data.me.uid" }],
    ["where the setting says", { id: "u1", session: { by: act } }, { act: "session.by" }],
    ["in two places, as one", { user: { id: "u1", act }, act }, {}],
    ["beside one that is null", { user: { id: "u1", act: null }, act }, {}],
  ])("is seen %s", (_, answer, paths) => {
    expect(readSessionUser(answer, paths)).toMatchObject({ id: "u1", actor: { id: "support-7" } });
  });

  test("is nobody where none is named, and no custom field where the setting says where he is", () => {
    for (const paths of [{}, { act: "session.by" }, { id: "id" }] as Record<string, string>[]) {
      const user = readSessionUser({ id: "u1", session: {} }, paths);
      expect(user?.actor).toBeUndefined();
      expect(user?.traits.fields).toBeUndefined();
    }
  });

  test.each<[unknown, Record<string, string>]>([
    [{ user: { id: "u1", act: { sub: "support-8" } }, act }, {}],
    [{ id: "u1", act, session: { by: { sub: "support-8" } } }, { act: "session.by" }],
    [{ id: "u1", act: "support" }, {}],
  ])("is not guessed, and the user is refused: %j", (answer, paths) => {
    const refused = (() => {
      try {
        return readSessionUser(answer, paths);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toMatchObject({ slug: "proof-claims", errors: [{ field: "act" }] });
    expect(refusalIn(refused)).toBe("proof-claims");
  });
});

describe("an answer without an id", () => {
  const HAS_NONE = "The site's session endpoint answers without an id in";
  const SAY = "Let it answer with the id, or say in VAMBE_SESSION_FIELDS where it is, such as";
  const NAME =
    "Let it answer with the id, or name a member in VAMBE_SESSION_FIELDS that is one user's alone and never changes.";
  const MANY = Object.fromEntries(Array.from({ length: 12 }, (_, number) => [`n${number}`, 1]));
  const LONG = `n${"x".repeat(39)}`;

  test.each<[string, unknown, Record<string, string>, string]>([
    [
      "that has a user",
      { user: { name: "Jane", email: "jane@example.com" }, expires: "x" },
      {},
      `\`id\` or \`sub\`. It has: user.name, user.email. ${NAME}`,
    ],
    [
      "that has the user's id under another name",
      { user: { name: "Jane", uid: "u1", userId: "u1" } },
      {},
      `\`id\` or \`sub\`. It has: user.name, user.uid, user.userId. ${SAY} id:user.uid.`,
    ],
    [
      "that has the user itself",
      { user_id: "u1" },
      {},
      `\`id\` or \`sub\`. It has: user_id. ${SAY} id:user_id.`,
    ],
    [
      "that has none where the setting says",
      { data: { uid: "u1" }, ID: "u1" },
      { id: "data.id" },
      `\`data.id\`, where VAMBE_SESSION_FIELDS looks for it. It has: data, ID. ${SAY} id:ID.`,
    ],
    [
      "that has its user's id elsewhere than the setting says",
      { user: { id: "u1" } },
      { id: "user.uid" },
      `\`user.uid\`, where VAMBE_SESSION_FIELDS looks for it. It has: user.id. ${SAY} id:user.id.`,
    ],
    [
      "is told by its first ten names",
      MANY,
      {},
      `\`id\` or \`sub\`. It has: n0, n1, n2, n3, n4, n5, n6, n7, n8, n9. ${NAME}`,
    ],
    [
      "is told by no name that might be a value, by no flag, and by nothing that is empty",
      { "jane@example.com": 1, "Jane Doe": 1, [`${LONG}x`]: 1, none: null, no: "", ok: true, [LONG]: 1 },
      {},
      `\`id\` or \`sub\`. It has: ${LONG}. ${NAME}`,
    ],
  ])("%s", (_, answer, paths, told) => {
    expect(readSessionUser(answer, paths)).toBeUndefined();
    expect(whereIdIsNot(answer, paths)).toBe(`${HAS_NONE} ${told}`);
  });

  test.each(["paid", "valid", "android", "identity", "subject", "uidNumber", "hybrid", "hasIdCard", "IDP"])(
    "is not told to take %s for an id: all who share one would be one customer",
    (name) => {
      expect(whereIdIsNot({ [name]: "x" }, {})).toBe(
        `${HAS_NONE} \`id\` or \`sub\`. It has: ${name}. ${NAME}`,
      );
    },
  );

  test.each(["uuid", "guid", "user_guid", "user-uuid", "customerID", "employeeId"])(
    "is told that %s may be one",
    (name) => {
      expect(whereIdIsNot({ [name]: "x" }, {})).toMatch(new RegExp(`such as id:${name}\\.$`));
    },
  );

  test.each<[string, unknown, Record<string, string>]>([
    ["null", null, {}],
    ["a list", ["u1"], {}],
    ["a text", "u1", {}],
    ["an empty object", {}, {}],
    ["an empty user", { user: {} }, {}],
    ["an empty user beside something", { user: {}, expires: "x" }, {}],
    ["no user beside something", { user: null, expires: "x" }, {}],
    ["a flag", { isLoggedIn: false }, {}],
    ["an error", { error: "x", data: 1 }, {}],
    ["a message", { message: "x", data: 1 }, {}],
    ["errors", { errors: [], data: 1 }, {}],
    ["a detail", { detail: "x", data: 1 }, {}],
    ["an error where the setting names a place", { error: "x" }, { id: "data.id" }],
    ["an id that stands for nobody", { id: 0, name: "guest" }, {}],
    ["a user whose id stands for nobody", { user: { sub: "undefined", name: "guest" } }, {}],
    ["nothing that can be shown", { "jane@example.com": 1 }, {}],
  ])("that is %s says that nobody is signed in", (_, answer, paths) => {
    expect(whereIdIsNot(answer, paths)).toBeUndefined();
  });
});
