import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mistakesByTheDocument } from "../../support/upsert-document.ts";
import { startWorld, type World } from "../../support/world.ts";
import { importing } from "./importing.ts";

/** `vambe-identity import`, as an operator runs it: beside an exchange, and without one. */

const FIELDS = ["plan", "seats", "company_name", "user_id", "phone"].map((key) => ({
  key,
  identifier: key === "user_id",
}));
const SETTINGS = {
  VAMBE_FIELDS: "id:user_id,plan,seats,phone,company.name:company_name",
  VAMBE_PHONE_COUNTRY: "BR",
};

let world: World;
beforeAll(async () => {
  world = await startWorld({ environment: SETTINGS, vambe: { fields: FIELDS } });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const contact = (id: string, at = world) =>
  at.vambe.standIn.contacts().find(({ external_user_id }) => external_user_id === id);
const calls = (at = world) => at.vambe.standIn.upserts().length;

describe("beside a running exchange", () => {
  test("a CSV file's users are at Vambe, and a second time it costs no call", async () => {
    const { run, write } = importing(world, SETTINGS);
    const file = write(
      "users.csv",
      "id,name,email,plan,seats,company.name,notes\nu1,Jane Doe,jane@example.com,pro,5,Acme,x\nu2,,joe@example.com,free,,,\n",
    );
    const first = await run([file]);
    expect(first.status).toBe(0);
    expect(first.output).toMatch(/about 2 rows.*by way of the exchange that is running/);
    expect(first.output).toMatch(/Columns that go nowhere.*: notes\./);
    expect(first.output).toMatch(/Rows: 2\. Sent: 2\. Known to Vambe as they are: 0\. Failed: 0\./);
    expect(contact("u1")).toMatchObject({
      contact: { name: "Jane Doe", email: "jane@example.com" },
      fields: { user_id: "u1", plan: "pro", seats: "5", company_name: "Acme" },
      meta_data: { verified: true },
    });
    expect(contact("u2")?.fields).toEqual({ user_id: "u2", plan: "free" });
    const before = calls();
    expect((await run([file])).output).toMatch(/Sent: 0\. Known to Vambe as they are: 2\./);
    expect(calls()).toBe(before);
    expect(existsSync(file.replace(".csv", ".failed.csv"))).toBe(false);
    expect(existsSync(`${file}.import`)).toBe(false);
  });

  test("whom it has brought is known to the exchange: the page's identify costs no call", async () => {
    const { run, write } = importing(world, SETTINGS);
    await run([write("known.csv", "id,name,plan\nbefore,Jane,pro\n")]);
    const before = calls();
    expect((await world.signIn("before", { name: "Jane", plan: "pro" })).identity().status).toBe("unchanged");
    expect(calls()).toBe(before);
  });

  test("JSON Lines say it as a page does: null empties, and --map has other names", async () => {
    const { run, write } = importing(world, SETTINGS);
    await world.signIn("json", { plan: "premium", fields: { seats: 5 } });
    const file = write(
      "users.jsonl",
      '{"uuid":"json","tier":null,"company":{"name":"Acme"},"fields":{"seats":7}}\n{"uuid":12,"seats":3,"stranger":1}\n',
    );
    const map = ["--map", "id=uuid,plan=tier"];
    const nowhere = /Names that go nowhere, since VAMBE_FIELDS does not list them: stranger\./;
    expect((await run([file, ...map, "--dry-run"])).output).toMatch(nowhere);
    const { output, status } = await run([file, ...map]);
    expect(output).toMatch(nowhere);
    expect(output).toMatch(/Sent: 2/);
    expect(status).toBe(0);
    expect(contact("json")?.fields).toMatchObject({ plan: "", seats: "7", company_name: "Acme" });
    expect(contact("12")?.fields).toMatchObject({ seats: "3" });
  });

  test("what fails is CSV beside the file, with the reason, and can be imported once it is mended", async () => {
    const { run, write } = importing(world, SETTINGS);
    const file = write(
      "bad.csv",
      'id,name,email,phone\n,Nobody,,\nnull,Null,,\ngood,Good,good@example.com,\nodd,"Odd, Jr",no-email,12\ncells,x\n',
    );
    const { output, status } = await run([file]);
    expect(status).toBe(1);
    expect(output).toMatch(/Sent: 1\..*Failed: 4\./);
    const failed = readFileSync(file.replace(".csv", ".failed.csv"), "utf8");
    expect(failed.split("\n")).toEqual([
      "id,name,email,phone,error",
      expect.stringMatching(/^,Nobody,,,"?line 2: id is required/),
      expect.stringMatching(/^null,Null,,,"?line 3: id stands for nobody/),
      expect.stringMatching(
        /^odd,"Odd, Jr",no-email,12,"line 5: email has no form .*; phone is no phone number/,
      ),
      'cells,x,,,"line 6: has 2 cells, and the header has 4"',
      "",
    ]);
    expect(statSync(file.replace(".csv", ".failed.csv")).mode & 0o777).toBe(0o600);
    expect(contact("odd")?.contact).toMatchObject({ name: "Odd, Jr", email: null });
    const mended = write("mended.csv", failed.replace("no-email,12", "odd@example.com,(11) 98765-4321"));
    expect((await run([mended])).output).toMatch(/Sent: 2\..*Failed: 2\./);
    expect(readFileSync(mended.replace(".csv", ".failed.csv"), "utf8")).toMatch(
      /^id,name,email,phone,error\n/,
    );
    expect(contact("odd")).toMatchObject({
      contact: { email: "odd@example.com" },
      fields: { phone: "+5511987654321" },
    });
  });

  test("of two rows of one user the later one counts", async () => {
    const { run, write } = importing(world, SETTINGS);
    await run([write("twice.csv", "id,plan\ntwice,free\nother,x\ntwice,pro\n")]);
    expect(contact("twice")?.fields.plan).toBe("pro");
  });

  test("a file that is older than what a proof has said since changes nothing", async () => {
    const { run, write } = importing(world, SETTINGS);
    const file = write("old.csv", "id,plan\nnewer,free\n", { ageMs: 3600_000 });
    await world.signIn("newer", { plan: "premium" });
    expect((await run([file])).output).toMatch(/Known to Vambe as they are: 1/);
    expect(contact("newer")?.fields.plan).toBe("premium");
  });

  test("a custom field that does not exist is said, and nobody has failed for it", async () => {
    await using site = await startWorld({
      environment: SETTINGS,
      vambe: { fields: FIELDS.filter(({ key }) => key !== "seats") },
    });
    const { run, write } = importing(site, SETTINGS);
    const file = write("fields.csv", "id,plan,seats\na,pro,1\nb,pro,2\n");
    for (const time of ["first", "second"]) {
      const { output, status } = await run([file]);
      expect(output, time).toMatch(/Vambe has no custom field seats: 2 contacts went without it/);
      expect(status).toBe(0);
    }
  });

  test("a value that Vambe does not take is one row's own failure", async () => {
    await using site = await startWorld({
      environment: SETTINGS,
      vambe: {
        fields: FIELDS.map((field) =>
          field.key === "plan" ? { ...field, options: ["free", "pro"] } : field,
        ),
      },
    });
    const { run, write } = importing(site, SETTINGS);
    const file = write("values.csv", "id,plan\na,pro\nb,gold\nc,free\n");
    const { output } = await run([file]);
    expect(output).toMatch(/Sent: 2\..*Failed: 1\./);
    expect(readFileSync(site.folder.file("values.failed.csv"), "utf8")).toMatch(
      /^b,gold,.*line 3: value refused/m,
    );
    expect(await run([file])).toMatchObject({ status: 1, output: expect.stringMatching(/2\. Failed: 1\./) });
    expect(readFileSync(site.folder.file("values.failed.csv"), "utf8")).toMatch(
      /^b,gold,.*line 3: value refused before \(plan\)/m,
    );
  });

  test("pages that wait go first, and wait no longer for all the rows behind them", async () => {
    await using site = await startWorld({
      environment: { ...SETTINGS, VAMBE_MAX_RATE: "20" },
      vambe: { fields: FIELDS },
    });
    const { start, write } = importing(site, { ...SETTINGS, VAMBE_MAX_RATE: "20" });
    const rows = Array.from({ length: 400 }, (_, n) => `row-${n},pro\n`).join("");
    await using running = start([write("many.csv", `id,plan\n${rows}`)]);
    await expect.poll(() => calls(site)).toBeGreaterThan(20);
    for (let visit = 0; visit < 10; visit++) {
      const answer = (await site.signIn(`page-${visit}`, { plan: `${visit}` })).identity();
      expect(answer.status).toBe("delivered");
    }
    expect(calls(site)).toBeLessThan(400);
    running.interrupt();
    const { output } = await running.ended;
    expect(output).toMatch(/Stopped\. vambe-identity import .*many\.csv --resume goes on/);
  }, 60_000);

  test("what was broken off is resumed by the command that is told, with the same settings", async () => {
    const slowly = { ...SETTINGS, VAMBE_MAX_RATE: "20" };
    await using site = await startWorld({ environment: slowly, vambe: { fields: FIELDS } });
    const { start, run, write } = importing(site, slowly);
    const rows = Array.from({ length: 60 }, (_, n) => `row-${n},pro\n`).join("");
    const file = write("resumed.csv", `uuid,tier\n${rows}`);
    const map = ["--map", "id=uuid,plan=tier"];
    await using running = start([file, ...map]);
    await expect.poll(() => calls(site), { timeout: 10_000 }).toBeGreaterThan(20);
    running.interrupt();
    expect((await running.ended).output).toContain(`${file} --map id=uuid,plan=tier --resume goes on.`);
    const other = importing(site, { ...slowly, VAMBE_FIELDS: "plan" });
    const { errors } = await other.run([file, ...map, "--resume"]);
    expect(errors).toMatch(
      /with other settings \(VAMBE_CHANNEL_ID, .*VAMBE_FIELDS\)\. Import without --resume/,
    );
    expect((await run([file, ...map, "--resume"])).output).toMatch(/Rows: 60\. Sent: /);
    expect(site.vambe.standIn.contacts().length).toBe(60);
  }, 60_000);

  test("a file that somebody writes to meanwhile has to be imported anew", async () => {
    const slowly = { ...SETTINGS, VAMBE_MAX_RATE: "20" };
    await using site = await startWorld({ environment: slowly, vambe: { fields: FIELDS } });
    const { start, write } = importing(site, slowly);
    const file = write("grows.csv", "id,plan\na,pro\nb,pro\nc,pro\nd,pro\n");
    await using running = start([file]);
    await expect.poll(running.output).toMatch(/^Importing/);
    appendFileSync(file, "e,pr");
    const { output, status } = await running.ended;
    expect(output).toMatch(/The file was written to meanwhile.*import it anew/);
    expect(status).toBe(1);
  }, 60_000);

  test("where the exchange ends, the import carries on alone", async () => {
    await using site = await startWorld({
      environment: { ...SETTINGS, VAMBE_MAX_RATE: "20" },
      vambe: { fields: FIELDS },
    });
    const { start, write } = importing(site, { ...SETTINGS, VAMBE_MAX_RATE: "20" });
    const rows = Array.from({ length: 150 }, (_, n) => `row-${n},pro\n`).join("");
    await using running = start([write("on.csv", `id,plan\n${rows}`)]);
    await expect.poll(() => calls(site)).toBeGreaterThan(20);
    await site.exchange.stop();
    const { output, status } = await running.ended;
    expect(output).toMatch(/Sent: 150\./);
    expect(status).toBe(0);
    expect(site.vambe.standIn.contacts().length).toBe(150);
  }, 90_000);
});

describe("without an exchange", () => {
  test("it makes the database, carries by itself, and an exchange that starts later knows them", async () => {
    await using site = await startWorld({ environment: SETTINGS, vambe: { fields: FIELDS } });
    const database = `file:${site.folder.file("alone.db")}`;
    const { run, write } = importing(site, { ...SETTINGS, VAMBE_DATABASE_URL: database });
    const file = write("alone.csv", "id,plan\nalone,pro\n");
    expect((await run([file, "--dry-run"])).output).toMatch(/Calls to Vambe: 1/);
    expect(existsSync(site.folder.file("alone.db"))).toBe(false);
    const { output } = await run([file]);
    expect(output).not.toMatch(/by way of/);
    expect(output).toMatch(/Sent: 1\./);
    await using exchange = await site.startAnother({ VAMBE_DATABASE_URL: database });
    const answer = await exchange.page.identify({ id: "alone" }, site.proofFor("alone", { plan: "pro" }));
    expect(answer.identity().status).toBe("unchanged");
  });
});

test("an exchange that starts in the middle takes over, and the import goes on beside it", async () => {
  await using site = await startWorld({
    environment: { ...SETTINGS, VAMBE_MAX_RATE: "20" },
    vambe: { fields: FIELDS },
  });
  await site.exchange.stop();
  const { start, write } = importing(site, { ...SETTINGS, VAMBE_MAX_RATE: "20" });
  const rows = Array.from({ length: 250 }, (_, n) => `row-${n},pro\n`).join("");
  await using running = start([write("start.csv", `id,plan\n${rows}`)]);
  await expect.poll(() => calls(site)).toBeGreaterThan(20);
  await site.exchange.restart();
  expect((await site.signIn("visitor", { plan: "pro" })).identity().status).toBe("delivered");
  const before = calls(site);
  expect(before).toBeLessThan(250);
  const { output, status } = await running.ended;
  expect(output).toMatch(/Sent: 250\./);
  expect(status).toBe(0);
  expect(site.vambe.standIn.contacts().length).toBe(251);
}, 90_000);

test("--dry-run says what would be sent, what is refused and why, how long it takes, and does nothing", async () => {
  const { run, write } = importing(world, { ...SETTINGS, VAMBE_MAX_RATE: "2" });
  await world.signIn("there", { plan: "pro" });
  const before = calls();
  const file = write("dry.csv", "id,plan,email\nthere,pro,\nnew,pro,\nnull,pro,\nodd,pro,x\nnull,,\n");
  const { output, status } = await run([file, "--dry-run"]);
  expect(output).toMatch(/Rows: 5\. Known to Vambe as they are: 1\. Refused here: 2\./);
  expect(output).toMatch(/Calls to Vambe: 2, in 1 s at 2 a second \(VAMBE_MAX_RATE\)\./);
  expect(output).toMatch(/2 × id stands for nobody .*\(line 4, 6\)/);
  expect(output).toMatch(
    /1 × email has no form of an email address: left out, and the rest is sent \(line 5\)/,
  );
  expect(status).toBe(1);
  expect(calls()).toBe(before);
  expect(existsSync(`${file}.import`) || existsSync(file.replace(".csv", ".failed.csv"))).toBe(false);
  const lines = write("dry.jsonl", '{"id":"list","seats":[1]}\n{"id":"none","plan":"pro","seats":null}\n');
  expect((await run([lines, "--dry-run"])).output).toMatch(/\n1 × seats is a list, .*left out.*\(line 1\)\n/);
  const others = Object.fromEntries(Array.from({ length: 90 }, (_, n) => [`other-${n}`, n]));
  const many = write(
    "many.jsonl",
    `${JSON.stringify({ id: "many", ...others, seats: [1], fields: others })}\n`,
  );
  const { output: ofMany } = await run([many, "--dry-run"]);
  expect(ofMany).toMatch(/go nowhere, .*: other-0, other-1, /);
  expect(ofMany.match(/^\d+ × .*/gm)).toEqual([expect.stringMatching(/^1 × seats is a list/)]);
});

describe("on WhatsApp", () => {
  test.each(["whatsapp", "web-whatsapp"])(
    "%s: a contact for each phone, and of the user where an id is there",
    async (channel) => {
      const settings = { ...SETTINGS, VAMBE_WHATSAPP_PHONE: `${channel}:+5511300000000` };
      await using site = await startWorld({ environment: settings, vambe: { fields: FIELDS } });
      const { run, write } = importing(site, settings);
      const file = write(
        "phones.csv",
        "phone,name,id\n(11) 98765-4321,Jane,w1\n+52 1 55 1234 5678,Juan,\nnone,No,w3\n",
      );
      const { output } = await run([file, "--channel", channel]);
      expect(output).toMatch(/Sent: 2\..*Failed: 1\./);
      const seen = site.vambe.standIn
        .contacts()
        .map(({ contact, fields }) => [contact.platform, contact.phone, fields.user_id]);
      expect(seen.sort().reverse()).toEqual([
        [channel, "+5511987654321", "w1"],
        [channel, "+525512345678", "+525512345678"],
      ]);
      for (const { body } of site.vambe.standIn.upserts()) expect(mistakesByTheDocument(body)).toEqual([]);
    },
  );

  test("with a sender, a row of the webchat that has a phone is both contacts", async () => {
    const settings = { ...SETTINGS, VAMBE_WHATSAPP_PHONE: "+5511300000000" };
    await using site = await startWorld({ environment: settings, vambe: { fields: FIELDS } });
    const { run, write } = importing(site, settings);
    expect((await run([write("both.csv", "id,phone\nb,11987654321\n")])).output).toMatch(
      /Rows: 1\. Sent: 1\./,
    );
    expect(
      site.vambe.standIn
        .contacts()
        .map(({ contact }) => contact.platform)
        .sort(),
    ).toEqual(["webchat", "whatsapp"]);
  });
});

describe("what is wrong is said, and nothing is sent:", () => {
  test.each<[string[], number, RegExp]>([
    [[], 2, /import takes a file, or - for standard input/],
    [["nowhere.csv"], 1, /nowhere\.csv is no file/],
    [["FILE", "more"], 2, /"more" is not understood/],
    [["FILE", "--chanel", "x"], 2, /--chanel/],
    [["FILE", "--channel", "sms"], 2, /--channel must be one of webchat, whatsapp, web-whatsapp/],
    [["FILE", "--channel", "whatsapp"], 2, /VAMBE_WHATSAPP_PHONE, such as \+55/],
    [["FILE", "--map", "plan"], 2, /--map must be given as trait=column/],
    [["FILE", "--map", "plan=a,plan=b"], 2, /--map names plan twice/],
    [["FILE", "--map", "plan=tier"], 1, /has no column "tier".*Its columns: id, plan/],
    [["FILE", "--resume"], 1, /was not broken off/],
    [["FILE", "--resume", "--dry-run"], 2, /leave --resume out/],
    [["-", "--resume"], 2, /standard input cannot be read again/],
  ])("%j", async (args, status, message) => {
    const { run, write } = importing(world, SETTINGS);
    const file = write("fine.csv", "id,plan\nnobody-ever,pro\n");
    const ended = await run(args.map((word) => (word === "FILE" ? file : word)));
    expect(ended.errors).toMatch(message);
    expect(ended.status).toBe(status);
    expect(contact("nobody-ever")).toBeUndefined();
  });

  test("settings, by their names", async () => {
    const { run, write } = importing(world, { ...SETTINGS, VAMBE_API_KEY: "", VAMBE_CHANNEL_ID: "shop" });
    const { errors, status } = await run([write("fine.csv", "id\na\n")]);
    expect(errors).toMatch(/VAMBE_API_KEY is required.*VAMBE_CHANNEL_ID must be the UUID/s);
    expect(status).toBe(1);
  });

  test("a file that cannot be read to its end", async () => {
    const { run, write } = importing(world, SETTINGS);
    const { errors } = await run([write("cut.csv", `id,plan\n"nobody-ever,${"x".repeat(1_100_000)}`)]);
    expect(errors).toMatch(/Once the file is mended, import it anew/);
    expect(errors).not.toMatch(/--resume/);
  });

  test("a trait that is none, of JSON Lines too", async () => {
    const { run, write } = importing(world, SETTINGS);
    const { errors } = await run([write("map.jsonl", '{"id":"nobody-ever"}\n'), "--map", "plna=tier"]);
    expect(errors).toMatch(/--map plna=tier: plna is no trait/);
  });

  test("a file of how far it was that is damaged; it stops nobody who begins anew", async () => {
    const { run, write } = importing(world, SETTINGS);
    const file = write("damaged.csv", "id,plan\nanew,pro\n");
    writeFileSync(`${file}.import`, "{");
    const { errors, status } = await run([file, "--resume"]);
    expect(errors).toMatch(/damaged\.csv\.import is damaged. Import without --resume/);
    expect(status).toBe(1);
    expect((await run([file])).output).toMatch(/Sent: 1\./);
  });

  test("a file beside it that cannot be used", async () => {
    const { run, write } = importing(world, SETTINGS);
    const file = write("beside.csv", "id,plan\nnobody-ever,pro\n");
    mkdirSync(`${file}.import`);
    const { errors, status } = await run([file]);
    expect(errors).toMatch(/beside\.csv.* cannot be used \(EISDIR\): .*folder writable/);
    expect(status).toBe(1);
  });

  test("a column whose name would do something to a terminal", async () => {
    const { run, write } = importing(world, SETTINGS);
    const { output } = await run([write("odd.csv", "id,\u001b[2Jx\nodd-column,1\n"), "--dry-run"]);
    expect(output).toContain("\\u{1b}[2Jx");
    expect(output).not.toContain("\u001b[2J");
    const lines = write("odd.jsonl", '{"id":"odd","fields":{"\\u001b[2Jx":[]}}\n');
    expect((await run([lines, "--dry-run"])).output).toContain("\\u{1b}[2Jx");
  });

  test("another account's database", async () => {
    const { run, write } = importing(world, { ...SETTINGS, VAMBE_API_KEY: "another-key" });
    const { errors } = await run([write("fine.csv", "id\na\n")]);
    expect(errors).toMatch(/belongs to another VAMBE_API_KEY/);
  });
});

test("standard input is read as it comes", async () => {
  const { run } = importing(world, SETTINGS);
  const { output } = await run(["-"], { input: '{"id":"piped","plan":"pro"}\n{"id":"null"}\n' });
  expect(output).toMatch(/Sent: 1\..*Failed: 1\./);
  expect(readFileSync(world.folder.file("import.failed.csv"), "utf8")).toMatch(/null.*line 2/);
  expect(contact("piped")?.fields.plan).toBe("pro");
});

test("while nothing comes from a pipe, what has come is sent, an exchange takes over, and Ctrl-C ends it", async () => {
  await using site = await startWorld({ environment: SETTINGS, vambe: { fields: FIELDS } });
  await site.exchange.stop();
  await using running = importing(site, SETTINGS).start(["-"], {
    input: '{"id":"piped"}\n{"id":"too"}\n',
    staysOpen: true,
  });
  await expect.poll(() => site.vambe.standIn.contacts().length).toBe(2);
  await site.exchange.restart();
  running.interrupt();
  const { output, status } = await running.ended;
  expect(output).toMatch(/Sent: 2\..*\nStopped\./);
  expect(status).toBe(1);
}, 60_000);
