import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cameFrom } from "../../server/http/admission/came-from.ts";
import { LISTENER } from "../../server/settings/listener-options.ts";
import type { Setting } from "../../server/settings/setting.ts";
import { OPTIONS } from "../../server/settings/table.ts";
import { deployFile } from "./docs-file.ts";
import { blocksIn, guide } from "./guide.ts";

/** What docs/deploy.md and the files beside it name is there. */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FILES = readdirSync(`${ROOT}docs/deploy`);
const INSTALLED = "/opt/vambe-identity/node_modules/vambe-identity/";

test("every file in docs/deploy/ has its place in the text, and each that the text names is there", () => {
  const named = new Set(
    [
      ...guide().matchAll(
        /\]\(deploy\/([\w.-]+)\)|vambe-identity\/docs\/deploy\/([\w.-]+)|cp (vambe-identity\.\w+)|install -m 755 (\S+)/g,
      ),
    ].flatMap(([, ...names]) => names.filter(Boolean)),
  );
  expect([...named].sort()).toEqual(FILES.sort());
});

test("what is copied from the installed package is in it, and the guide too", () => {
  const { files } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
  expect(files).toEqual(expect.arrayContaining(["docs/*.md", "docs/deploy"]));
  const texts = [guide(), ...FILES.map((name) => deployFile(name))].join("\n");
  const paths = [...texts.matchAll(new RegExp(`${INSTALLED}([\\w./-]+\\w)`, "g"))].map(
    ([, path = ""]) => path,
  );
  expect(paths.length).toBeGreaterThan(5);
  for (const path of paths.filter((one) => !one.startsWith("dist/")))
    expect([path, existsSync(ROOT + path)]).toEqual([path, true]);
  for (const path of paths.filter((one) => one.startsWith("dist/"))) expect(path).toBe("dist/server/cli.js");
});

test("every command that the text has its reader type is there", () => {
  const help = spawnSync(process.execPath, ["server/cli/main.ts", "--help"], {
    cwd: ROOT,
    encoding: "utf8",
  }).stdout;
  const known = [...help.matchAll(/^ {2}vambe-identity (\S+)/gm)].map(([, name]) => name);
  expect(known).toContain("serve");
  // In scripts and inside a sentence, not in what is shown of an answer.
  const inline = [
    ...guide()
      .replace(/^```.*?^```$/gms, "")
      .matchAll(/`([^`\n]+)`/g),
  ].map(([, text]) => text);
  const scripts = [...guide().matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text);
  const commands = [
    ...inline,
    ...scripts,
    deployFile("Dockerfile"),
    deployFile("vambe-identity.service"),
  ].flatMap((text = "") =>
    [...text.matchAll(/(?:^|\$\(|npx )vambe-identity (--version|[a-z]+)|cli\.js ([a-z]+)/gm)].map(
      ([, one, two]) => one ?? two,
    ),
  );
  expect(commands.length).toBeGreaterThan(4);
  for (const name of commands) expect(known).toContain(name);
});

test("every setting in the files is one, and each line of the environment file is explained", () => {
  const settings = Object.values<Setting>({ ...OPTIONS, ...LISTENER });
  const known = settings.flatMap(({ variable, file }) =>
    variable ? [variable, ...(file ? [`${variable}_FILE`] : [])] : [],
  );
  for (const name of FILES) {
    const named = [...deployFile(name).matchAll(/\bVAMBE_[A-Z_]+[A-Z]\b/g)].map(([variable]) => variable);
    expect([name, named.filter((variable) => !known.includes(variable))]).toEqual([name, []]);
  }
  const lines = [...deployFile("vambe-identity.env").matchAll(/^(\w+)=/gm)].map(
    ([, variable = ""]) => variable,
  );
  const table = guide().split("| in `vambe-identity.env` |")[1]?.split("\n\n")[0] ?? "";
  const explained = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, variable = ""]) => variable),
  );
  expect(explained.sort()).toEqual(lines.sort());
});

test("the numbers of proxies fit what the platforms say that they write", () => {
  const numberOf = (platform: string) =>
    Number(new RegExp(`^\\| ${platform} \\|[^|]*?\`(\\d)\``, "m").exec(guide())?.[1]);
  const visitor = "198.51.100.7";
  /** Each has a line of the visitor's own before what the platform writes. */
  const seen = (written: string, proxies: number) =>
    cameFrom(
      { address: "10.0.0.1", headers: new Headers({ "x-forwarded-for": `203.0.113.9, ${written}` }) },
      proxies,
    );
  // https://fly.io/docs/networking/request-headers/: the visitor, and last the app's own address.
  expect(seen(`${visitor}, 77.83.142.33`, numberOf("Fly"))).toEqual({ network: visitor, doubt: undefined });
  // Cloudflare's address is appended by Render's own proxy.
  expect(seen(`${visitor}, 104.22.17.40`, numberOf("Render"))).toEqual({
    network: visitor,
    doubt: undefined,
  });
  // https://developers.cloudflare.com/fundamentals/reference/http-headers/: the visitor; and nginx appends Cloudflare's.
  const [, behindCloudflare] = /nginx behind it needs `VAMBE_TRUST_PROXY=(\d)`/.exec(guide()) ?? [];
  expect(seen(`${visitor}, 173.245.48.1`, Number(behindCloudflare))).toEqual({
    network: visitor,
    doubt: undefined,
  });
});

test("the tarball has the name that this version has", () => {
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));
  const [pack = "", send = ""] = blocksIn("1. Pack it").map(({ text }) => text);
  expect(pack).toContain("npm pack");
  for (const text of [send, ...blocksIn("2. Install it").map(({ text }) => text)].filter((one) =>
    one.includes(".tgz"),
  ))
    expect(text).toContain(`vambe-identity-${version}.tgz`);
});
