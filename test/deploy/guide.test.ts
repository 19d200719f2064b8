import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packPackage } from "../packages/packed.ts";
import { freePort } from "../support/free-port.ts";
import { startVambe } from "../support/vambe.ts";
import { freshSettings } from "../support/world.ts";
import { commandsIn } from "./guide.ts";
import { startProxy } from "./proxy.ts";
import { reasonToSkipRoots } from "./root-folder.ts";
import { leadTo, newServer } from "./server.ts";

test("try", async () => {
  const packed = packPackage();
  const { apiKey, environment } = freshSettings();
  await using vambe = await startVambe({ apiKey });
  const port = await freePort();
  await using server = newServer(packed.tarball, {
    apiKey,
    settings: { VAMBE_CHANNEL_ID: environment.VAMBE_CHANNEL_ID, VAMBE_API_URL: vambe.url, PORT: `${port}` },
  });
  for (const section of ["2. Install it", "3. Settings and secrets", "4. Start it"])
    for (const script of commandsIn(section).slice(0, 1))
      console.log(script, "=>", await server.type(script));
  const service = await server.startService(port);
  console.log(service.output());
  try {
    console.log(await server.type((commandsIn("4. Start it")[1] ?? "").replace("8787", `${port}`)));
  } catch (e) {
    console.log(String(e));
  }
  await using proxy = await startProxy("Caddyfile", { host: "id.example.com", exchanges: [port] });
  leadTo(server.root, "id.example.com", proxy);
  for (const script of commandsIn("6. Look")) console.log(script, "=>", await server.type(script));
  service.signal("SIGTERM");
  console.log(await service.ended);
}, 120000);
