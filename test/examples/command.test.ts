import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { EXAMPLES } from "../../examples/runner/examples.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { reasonToSkip } from "./visitor.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `npm run example <name>`, after the build. */
function runCommand(args: string[], environment: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, ["examples/main.ts", ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => chunks.push(text));
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, output: () => chunks.join(""), ended };
}

test.each([{ args: [] }, { args: ["no-such"] }])("says which examples there are: $args", async ({ args }) => {
  const { output, ended } = runCommand(args);
  expect(await ended).toBe(1);
  for (const name of Object.keys(EXAMPLES)) expect(output()).toContain(name);
  expect(output()).not.toMatch(/^\s+at /m);
});

test("says what is missing on this machine, and how to get it", async () => {
  const { output, ended } = runCommand(["php"], { PATH: dirname(process.execPath) });
  expect(await ended).toBe(1);
  expect(output()).toContain("There is no PHP here. On Debian and Ubuntu: apt-get install php-cli.");
});

const missing = reasonToSkip("php");
test.skipIf(missing)(
  `runs until Ctrl-C, shows what Vambe has got to know, and leaves nothing behind${missing ? ` (not run: ${missing})` : ""}`,
  async () => {
    using folder = temporaryFolder();
    const { child, output, ended } = runCommand(["php"], { TMPDIR: folder.path });
    const printed = (pattern: RegExp) =>
      eventually(`it prints ${pattern}`, () => pattern.exec(output())?.[1] ?? "");
    const url = await printed(/open (http:\/\/localhost:\d+) {2}\(Ctrl-C stops it\)/);

    const login = await fetch(`${url}/login`, {
      method: "POST",
      body: new URLSearchParams({ user: "user-ana-01" }),
      redirect: "manual",
    });
    const cookie = login.headers.getSetCookie().map((each) => each.split(";", 1)[0]);
    const page = await (await fetch(url, { headers: { cookie: cookie.join("; ") } })).text();
    const [, exchange] = /src="([^"]+)\/vambe-identity\.js"/.exec(page) ?? [];
    const [, user] = /VambeIdentify\((\{.+?\})/.exec(page) ?? [];
    const { id, proof } = JSON.parse(`${user}`);
    const identified = await fetch(`${exchange}/identify`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url },
      body: JSON.stringify({ user: { id }, proof }),
    });
    expect(identified.status).toBe(200);
    await printed(/(Vambe knows user-ana-01: Ana Rivera, ana@example\.com, \{"plan":"free"\}, verified)/);

    child.kill("SIGINT");
    expect(await ended).toBe(0);
    for (const address of [url, exchange]) await expect(fetch(`${address}/`)).rejects.toThrow();
    expect(globSync("vambe-identity-*", { cwd: folder.path })).toEqual([]);
  },
);

test("leaves nothing behind where Ctrl-C comes while it starts", async () => {
  using folder = temporaryFolder();
  const { child, ended } = runCommand(["node"], { TMPDIR: folder.path });
  await eventually(
    "it packs the package",
    () => globSync("*/package/source/package.json", { cwd: folder.path })[0],
  );
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(globSync("vambe-identity-*", { cwd: folder.path })).toEqual([]);
});

test.each(Object.keys(EXAMPLES))("examples/%s says what it shows, in 40 lines at most", (name) => {
  const path = `${ROOT}examples/${name}/README.md`;
  const lines = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
  expect(lines).toContain(`npm ci && npm run example ${name}`);
  expect(lines).toContain("## In your own app");
  expect(lines.length).toBeLessThanOrEqual(40);
});

test("pages keep early calls by the line that the README has", () => {
  const [stub = ""] =
    /typeof VambeIdentify === "function" \|\| .+(?=<\/script>)/.exec(
      readFileSync(`${ROOT}README.md`, "utf8"),
    ) ?? [];
  expect(stub).toContain("VambeIdentify.q");
  const pages = [
    "node/page.js",
    "php/page.php",
    "flask/templates/page.html",
    "wordpress/vambe-identity/vambe-identity.php",
  ];
  for (const page of pages) expect(readFileSync(`${ROOT}examples/${page}`, "utf8")).toContain(stub);
});
