import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free-port.ts";
import { prelude } from "./document.ts";
import { Service } from "./service.ts";
import { substitute, type Values } from "./values.ts";

const SYSTEMCTL = fileURLToPath(new URL("systemctl.ts", import.meta.url));
const UNIT = "vambe-identity";
/** The command as docs/deploy.md installs it. */
const COMMAND = new URL("../../docs/deploy/vambe-identity.sh", import.meta.url);

export type Host = Awaited<ReturnType<typeof startHost>>;

export interface HostOptions {
  /** Everything of this host is below it. */
  folder: string;
  /** Of all hosts. */
  backups: string;
  /** A folder in which the package is installed. It is copied. */
  installed: string;
  settings: Record<string, string>;
  /** Files beside the settings. */
  secrets: Record<string, string>;
  /** Done to the folder of its data before the first start, and undone after the last. */
  prepare?: (dataFolder: string) => Disposable | undefined;
}

/** A machine that the exchange runs on: the folders that the document names, a shell, and `systemctl` for this one service. */
export async function startHost({ folder, backups, installed, settings, secrets, prepare }: HostOptions) {
  const port = await freePort();
  const paths = {
    "/opt/vambe-identity": join(folder, "opt"),
    "/etc/vambe-identity": join(folder, "etc"),
    "/var/lib/vambe-identity": join(folder, "data"),
    "/backups": backups,
    "-o vambe-identity -g vambe-identity": `-o ${process.getuid?.()} -g ${process.getgid?.()}`,
    "-g vambe-identity /dev/null": `-g ${process.getgid?.()} /dev/null`,
  } satisfies Values;
  const settingsFile = join(paths["/etc/vambe-identity"], "vambe-identity.env");
  for (const path of [paths["/var/lib/vambe-identity"], paths["/etc/vambe-identity"], join(folder, "bin")])
    mkdirSync(path, { recursive: true });
  const prepared = prepare?.(paths["/var/lib/vambe-identity"]);
  cpSync(installed, paths["/opt/vambe-identity"], { recursive: true, verbatimSymlinks: true });
  for (const [name, secret] of Object.entries(secrets))
    writeFileSync(join(paths["/etc/vambe-identity"], name), `${secret}\n`, { mode: 0o640 });
  const lines = Object.entries({ HOST: "127.0.0.1", PORT: `${port}`, ...settings });
  writeFileSync(settingsFile, lines.map(([name, value]) => `${name}=${substitute(value, paths)}\n`).join(""));

  const service = new Service(paths["/opt/vambe-identity"], settingsFile);
  const verbs: Record<string, () => Promise<void>> = {
    start: async () => service.start(),
    stop: () => service.stop(),
    restart: async () => {
      await service.stop();
      service.start();
    },
  };
  const control = createServer(async (request, response) => {
    const [verb = "", unit, ...more] = JSON.parse(await textOf(request));
    const act = unit === UNIT && more.length === 0 ? verbs[verb] : undefined;
    await act?.();
    response.writeHead(act ? 200 : 400).end(act ? "" : `systemctl cannot ${verb} ${unit}`);
  }).listen(0, "127.0.0.1");
  await once(control, "listening");
  const { port: controlPort } = control.address() as AddressInfo;
  const commands = {
    systemctl: `#!/bin/sh\nVAMBE_TEST_HOST=http://127.0.0.1:${controlPort} exec ${process.execPath} ${SYSTEMCTL} "$@"\n`,
    "vambe-identity": substitute(withoutAccount(readFileSync(COMMAND, "utf8")), paths),
  };
  for (const [name, text] of Object.entries(commands))
    writeFileSync(join(folder, "bin", name), text, { mode: 0o755 });

  return {
    port,
    service,
    paths,
    settingsFile,
    /** What a person types into a shell that has begun as the document says. @returns all that it has printed */
    async type(script: string): Promise<string> {
      const begun = `set -eu\n${substitute(prelude, paths)}\n${script}\n`;
      const child = spawn("sh", ["-c", begun], { cwd: folder, env: environmentOf(folder), stdio: "pipe" });
      child.stdin.end();
      const said: string[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
      const [code] = await once(child, "close");
      if (code !== 0) throw new Error(`ended with ${code}:\n${script}\n${said.join("")}`);
      return said.join("");
    },
    [Symbol.asyncDispose]: async () => {
      await service.stop("SIGKILL");
      prepared?.[Symbol.dispose]();
      control.close();
      control.closeAllConnections();
    },
  };
}

/** There is no account of the exchange's own here. */
function withoutAccount(command: string): string {
  const asAccount = /setpriv .*\\\n\s*/;
  if (!asAccount.test(command)) throw new Error(`it is run as somebody else:\n${command}`);
  return command.replace(asAccount, "");
}

/** npm is to ask nobody: the package needs no other. */
const environmentOf = (folder: string) => ({
  PATH: [join(folder, "bin"), dirname(process.execPath), process.env.PATH].join(":"),
  HOME: folder,
  npm_config_offline: "true",
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
  NO_COLOR: "1",
});

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
