import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import type { Engine } from "./browser.ts";
import { findProgram } from "./find-program.ts";
import { createTab } from "./tab.ts";
import { beginSession } from "./webdriver.ts";
import { toTab } from "./webdriver-tab.ts";

const driver = findProgram("WebKitWebDriver");
const display = findProgram("Xvfb");
const miniBrowser = globSync("/usr/{lib/*,lib,libexec}/webkit2gtk-4.*/MiniBrowser")[0];

/** Debian's WebKitGTK: the small browser that comes with its driver, on a screen that nobody sees. */
export const webkit: Engine = {
  name: "WebKit",
  missing:
    driver && display && miniBrowser
      ? undefined
      : "there is no WebKitWebDriver with its MiniBrowser, or no Xvfb",
  launch: async ({ proxy } = {}) => {
    if (!driver || !display || !miniBrowser) throw new Error(`WebKit: ${webkit.missing}`);
    const home = temporaryFolder();
    const screen = await startDisplay(display);
    const port = await freePort();
    const environment = {
      ...process.env,
      DISPLAY: screen.name,
      HOME: home.path,
      GSETTINGS_BACKEND: "memory",
    };
    const driving = start(driver, [`--port=${port}`, "--host=127.0.0.1"], environment);
    driving.stdout?.resume(); // nobody reads it, and a full pipe would stop the browser
    const stop = async () => {
      await Promise.all([driving, screen.process].map(end));
      home.remove();
    };

    const url = `http://127.0.0.1:${port}`;
    const begin = async () => {
      await eventually("WebKitWebDriver listens", async () => (await fetch(`${url}/status`)).ok);
      return beginSession(url, {
        "webkitgtk:browserOptions": { binary: miniBrowser, args: ["--automation"] },
        ...(proxy ? { proxy: { proxyType: "manual", httpProxy: proxy } } : {}),
      });
    };
    const session = await begin().catch(async (error) => {
      await stop();
      throw error;
    });
    return {
      engine: "WebKit",
      open: async (address) => {
        const tab = createTab(toTab(session, await session.newWindow()));
        await tab.goTo(address);
        return tab;
      },
      close: async () => {
        await session.end().catch(() => {}); // what does not end by itself is ended
        await stop();
      },
    };
  },
};

/** Starts an X server on a display number that it chooses itself. */
async function startDisplay(program: string): Promise<{ name: string; process: ChildProcess }> {
  const args = ["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
  const server = start(program, args, process.env);
  if (!server.stdout) throw new Error("no output");
  const [number] = (await Promise.race([once(server.stdout, "data"), once(server, "close")])) as unknown[];
  if (!(number instanceof Buffer)) throw new Error(`Xvfb has ended: ${number}`);
  return { name: `:${number.toString().trim()}`, process: server };
}

function start(program: string, args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "ignore"] });
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  child.once("close", () => process.off("exit", endWithUs));
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill();
  await closed;
}
