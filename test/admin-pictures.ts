/**
 * The pictures of the admin page in docs/, as `npm run screenshots` makes them: a real exchange in front of the stand-in for
 * Vambe, whose hour passes in a minute.
 */
import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { keepPicture, openPictureBrowser } from "../demo/picture-browser.ts";
import { startAdminWorld } from "./support/admin.ts";
import { inSeconds } from "./support/proofs.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";
import { reply, startUpstream } from "./support/upstream.ts";

const MINUTES = 50;
const SHOP = "https://www.shop.example";
const HELP = "https://help.shop.example";

using folder = temporaryFolder();
const clock = folder.file("clock");
await using upstream = await startUpstream(reply(201, JSON.stringify({ id: "6f1c…" })));
await using world = await startAdminWorld({
  apiUrl: upstream.url,
  environment: {
    NODE_OPTIONS: `--import=${new URL("support/clock-that-jumps.ts", import.meta.url).href}`,
    CLOCK_IS_OFF_BY: clock,
    VAMBE_ALLOW_UNVERIFIED: "true",
    VAMBE_ALLOWED_ORIGINS: `${SHOP},${HELP}`,
    VAMBE_PUBLIC_URL: "https://id.shop.example",
    VAMBE_CHANNEL_ID: "3f1b6f0e-54a7-4c55-9d3e-0b1a4c1f7a10",
  },
});

async function identify(id: string, minute: number, { plan = "free", origin = SHOP, proven = true } = {}) {
  const times = { iat: inSeconds(minute * 60), exp: inSeconds(minute * 60 + 600) };
  const traits = { name: `Customer ${id}`, plan };
  await fetch(`${world.exchange.url}/identify`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify({
      user: { id },
      ...(proven && { proof: world.proofFor(id, { ...traits, ...times }) }),
    }),
  });
}

for (let minute = 0; minute < MINUTES; minute++) {
  await writeFile(clock, `${minute * 60_000}`);
  const wave = 14 + Math.round(10 * Math.sin(minute / 7) + 4 * Math.sin(minute * 1.7));
  for (let visit = 0; visit < wave; visit++) {
    const isNew = visit % 3 === 0;
    await identify(isNew ? `customer-${minute}-${visit}` : `customer-${visit}`, minute);
  }
  if (minute % 9 === 4) await identify("guest", minute, { origin: HELP, proven: false });
  if (minute % 11 === 6) await identify("late", -60);
}
upstream.behave(reply(400, JSON.stringify({ statusCode: 400, message: "stageId does not exist" })));
await identify("ana-rivera", MINUTES, { plan: "premium" });
await identify("bruno-costa", MINUTES, { plan: "enterprise" });

// What an instance has counted it writes every ten seconds.
await sleep(11_000);
await using pictures = await openPictureBrowser();
for (const [name, colorScheme, locale, viewport] of [
  ["admin-light", "light", "en-US", { width: 1200, height: 900 }],
  ["admin-dark", "dark", "es-MX", { width: 1200, height: 900 }],
  ["admin-mobile", "light", "es-MX", { width: 390, height: 844 }],
] as const) {
  const page = await pictures.browser.newPage({ viewport, colorScheme, locale });
  await page.goto(world.admin.url);
  await page.getByText(HELP).first().waitFor();
  await keepPicture(page, name, { scale: viewport.width > 800 ? 0.65 : 1, quality: 50 });
  await page.close();
}
