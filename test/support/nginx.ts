import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { programsOfAll } from "./programs.ts";
import { rawRequest } from "./raw-request.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const PROGRAM = "nginx";

/** Every answer is stored for an hour, whatever it says of that itself; `X-Cache` says whether one came out of the store. */
const STORE = {
  zone: "proxy_cache_path stored keys_zone=stored:1m;",
  use: `proxy_cache stored; proxy_cache_valid any 1h; proxy_ignore_headers Cache-Control Expires;
        add_header X-Cache $upstream_cache_status always;`,
};

/**
 * nginx as Debian has it, in turns in front of several instances, over connections that are kept; else as it comes.
 * @param storing it is a cache that is set to store everything, as operators set those of a CDN
 */
export async function startNginx(ports: readonly number[], { storing = false } = {}) {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  const port = await freePort();
  const kept = ["body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => {
    mkdirSync(folder.file(name), { mode: 0o777 });
    return name === "body" ? "client_body_temp_path body;" : `${name}_temp_path ${name};`;
  });
  if (storing) mkdirSync(folder.file("stored"), { mode: 0o777 });
  writeFileSync(
    folder.file("nginx.conf"),
    `daemon off; pid nginx.pid; error_log error.log; worker_processes 1;
     ${process.getuid?.() === 0 ? "user root;" : ""}
     events {}
     http {
       access_log off; ${kept.join(" ")} ${storing ? STORE.zone : ""}
       upstream exchange { ${ports.map((each) => `server 127.0.0.1:${each} fail_timeout=2s;`).join(" ")} keepalive 16; }
       server {
         listen 127.0.0.1:${port};
         location / {
           proxy_pass http://exchange;
           proxy_http_version 1.1;
           proxy_set_header Connection "";
           proxy_set_header Host $host;
           proxy_next_upstream error timeout non_idempotent;
           ${storing ? STORE.use : ""}
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
