import { chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { eventually } from "../support/eventually.ts";
import { rawRequest } from "../support/raw-request.ts";
import { type InRoot, type RootFolder, rootFolder } from "./root-folder.ts";
import { only, readUnit } from "./unit.ts";

/** What the reader of docs/deploy.md types where it opens an editor, and what is other here than on a server. */
export interface Typed {
  apiKey: string;
  /** Variable → value, in `vambe-identity.env`; `undefined` takes the line out. */
  settings: Record<string, string | undefined>;
}

export interface Server extends AsyncDisposable {
  root: RootFolder;
  /** Runs a script as root would type it. @throws where a line of it fails */
  type(script: string, env?: Record<string, string>): Promise<string>;
  /** As `systemctl start` would, by what the unit says, until it answers at the port and has said that it listens. */
  startService(port: number, env?: Record<string, string>): Promise<InRoot>;
}

/** A server with nothing on it but Node, npm and a packed package, and its administrator. */
export function newServer(tarball: string, { apiKey, settings }: Typed): Server {
  const root = rootFolder();
  mkdirSync(root.file("/opt/vambe-identity"));
  copyFileSync(tarball, root.file(`/opt/vambe-identity/${basename(tarball)}`));
  mkdirSync(root.file("/etc/systemd/system"), { recursive: true });
  const lines = Object.entries(settings).map(([name, value]) =>
    value === undefined
      ? `grep -q '^${name}=' "$1" && sed -i '/^${name}=/d' "$1"`
      : `sed -i '/^${name}=/d' "$1"; echo '${name}=${value}' >> "$1"`,
  );
  // An editor in which he writes just that.
  root.addProgram(
    "nano",
    `case "$1" in api-key) echo '${apiKey}' > "$1" ;; vambe-identity.env) [ -s "$1" ]\n${lines.join("\n")} ;; *) exit 1 ;; esac`,
  );
  let service: InRoot | undefined;

  return {
    root,
    type: async (script, env = {}) => {
      // There is no systemd that could be asked: what is enabled is only noted.
      const { code, output } = await root.run(["sh", "-e", "-c", script], {
        env: { SYSTEMD_OFFLINE: "1", ...env },
        cwd: "/root",
      });
      if (code !== 0) throw new Error(`ended with ${code}:\n${script}\n${output}`);
      return output;
    },
    startService: async (port, env = {}) => {
      service = startUnit(root, env);
      const { output } = service;
      let isOver = false;
      void service.ended.then(() => {
        isOver = true;
      });
      await eventually(
        "the service is ready",
        async () =>
          isOver ||
          (output().includes('"listening"') &&
            (await rawRequest(`http://127.0.0.1:${port}/readyz`)).status === 200),
        { withinMs: 60_000 },
      );
      if (isOver) throw new Error(`the service has ended:\n${output()}`);
      return service;
    },
    [Symbol.asyncDispose]: async () => {
      service?.signal("SIGKILL");
      await service?.ended;
      root[Symbol.dispose]();
    },
  };
}

/** What systemd makes of the unit that has been put into its place, as far as it can be had without systemd. */
function startUnit(root: RootFolder, env: Record<string, string>): InRoot {
  const unit = readUnit(readFileSync(root.file("/etc/systemd/system/vambe-identity.service"), "utf8"));
  const user = accountOf(root, only(unit, "User"));
  const state = `/var/lib/${only(unit, "StateDirectory")}`;
  mkdirSync(root.file(state), {
    recursive: true,
    mode: Number.parseInt(only(unit, "StateDirectoryMode"), 8),
  });
  chownSync(root.file(state), user.uid, user.gid);
  return root.start(only(unit, "ExecStart").split(" "), {
    user,
    cwd: only(unit, "WorkingDirectory"),
    env: { ...environmentIn(readFileSync(root.file(only(unit, "EnvironmentFile")), "utf8")), ...env },
    readOnlyBut: [state],
  });
}

/** `EnvironmentFile=`: a variable a line, and comments. */
const environmentIn = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));

function accountOf(root: RootFolder, name: string) {
  const passwd = readFileSync(root.file("/etc/passwd"), "utf8");
  const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, "m").exec(passwd) ?? [];
  if (!uid) throw new Error(`there is no account ${name}`);
  return { uid: Number(uid), gid: Number(gid) };
}

/** Lets the commands of the server reach a proxy by its host name, as if that were known everywhere. */
export function leadTo(root: RootFolder, host: string, proxy: { port: number; authority(): string }): void {
  writeFileSync(root.file("/root/authority.pem"), proxy.authority());
  const lines = [`connect-to = "${host}:443:127.0.0.1:${proxy.port}"`, 'cacert = "/root/authority.pem"'];
  writeFileSync(root.file("/root/.curlrc"), lines.join("\n"));
}
