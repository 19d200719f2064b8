import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { programsOfAll } from "./programs.ts";
import { rawRequest } from "./raw-request.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const PROGRAM = "nginx";

/** nginx as Debian has it, in turns in front of several instances, over connections that are kept; else as it comes. */
export async function startNginx(ports: readonly number[]) {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  const port = await freePort();
  const kept = ["body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => {
    mkdirSync(folder.file(name), { mode: 0o777 });
    return name === "body" ? "client_body_temp_path body;" : `${name}_temp_path ${name};`;
  });
  writeFileSync(
    folder.file("nginx.conf"),
    `daemon off; pid nginx.pid; error_log error.log; worker_processes 1;
     ${process.getuid?.() === 0 ? "user root;" : ""}
     events {}
     http {
       access_log off; ${kept.join(" ")}
       upstream exchange { ${ports.map((each) => `server 127.0.0.1:${each} fail_timeout=2s;`).join(" ")} keepalive 16; }
       server {
         listen 127.0.0.1:${port};
         location / {
           proxy_pass http://exchange;
           proxy_http_version 1.1;
           proxy_set_header Connection "";
           proxy_set_header Host $host;
           proxy_next_upstream error timeout non_idempotent;
         }
       }
     }`,
  );
  const child = spawn(
    PROGRAM,
    ["-p", folder.path, "-c", folder.file("nginx.conf"), "-e", folder.file("error.log")],
    {
      env: programsOfAll(),
      stdio: "ignore",
    },
  );
  const ended = once(child, "close");
  const url = `http://127.0.0.1:${port}`;
  await eventually("nginx is up", async () => {
    if (child.exitCode !== null) throw new Error(readFileSync(folder.file("error.log"), "utf8"));
    return (await rawRequest(`${url}/livez`)).status === 200;
  });
  return {
    url,
    /** What it has complained of. */
    log: () => readFileSync(folder.file("error.log"), "utf8"),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await ended;
      folder.remove();
    },
  };
}
