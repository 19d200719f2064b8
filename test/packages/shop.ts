import { chromium } from "@playwright/test";
import chromiumFromNpm from "@sparticuz/chromium";
import { startWorld } from "../support/world.ts";
import { writeApp } from "./build-app.ts";
import { FRAMEWORKS, type Framework } from "./frameworks.ts";
import type { Packed } from "./packed.ts";
import { startSite } from "./site.ts";

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** An app with the packed tarball in it, its site, a real exchange, and a browser to visit with. */
export async function openShop(framework: Framework, packed: Packed) {
  await using opening = new AsyncDisposableStack();
  const site = opening.use(await startSite());
  const world = opening.use(await startWorld({ environment: { VAMBE_ALLOWED_ORIGINS: site.url } }));
  const app = packed.installInto(framework, FRAMEWORKS[framework].libraries);
  writeApp(app, framework, world.exchange.url);
  const browser = await chromium.launch({
    executablePath: await chromiumFromNpm.executablePath(),
    args: ["--no-sandbox", "--headless=shell", "--disable-gpu"],
  });
  opening.defer(() => browser.close());

  /** Opens the page in `folder`, and keeps whom it identifies, what proofs it asks for and what it complains of. */
  async function visit(folder: string, hash = "") {
    site.serve({ folder, proofFor: (id) => world.proofFor(id) });
    const context = await browser.newContext();
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const identified: string[] = [];
    const proofs: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => {
      if (request.method() !== "POST") return;
      if (request.url().endsWith("/identify")) identified.push(request.postDataJSON().user.id);
      if (request.url().endsWith("/vambe-proof")) proofs.push(request.url());
    });
    page.on("console", (message) => {
      if (/warning|error/.test(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (fault) => complaints.push(fault.message));
    await page.goto(`${site.url}/${hash}`);
    return { page, identified, proofs, complaints, [Symbol.asyncDispose]: () => context.close() };
  }

  const open = opening.move();
  return { app, framework, world, visit, [Symbol.asyncDispose]: () => open.disposeAsync() };
}
