import { describe, expect, test } from "vitest";
import { readEnvironment } from "../../../server/settings/environment.ts";
import { SettingsError } from "../../../server/settings/settings-error.ts";
import { freshSettings } from "../../support/world.ts";

const GOOD = {
  VAMBE_API_KEY: "key-0123456789",
  VAMBE_CHANNEL_ID: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  VAMBE_IDENTITY_SECRET: freshSettings().secret,
};
const read = (origins: string, more: Record<string, string> = {}) =>
  readEnvironment({ ...GOOD, ...more, VAMBE_ALLOWED_ORIGINS: origins });
function refusalOf(origins: string, more: Record<string, string> = {}): string {
  try {
    read(origins, more);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return "none";
}

describe("VAMBE_ALLOWED_ORIGINS", () => {
  test.each([
    ["https://shop.example.com", "https://shop.example.com"],
    ["https://Shop.Example.com:443/", "https://shop.example.com"],
    ["https://*.example.com", "https://*.example.com"],
    ["https://*.Preview.example.com:8443/", "https://*.preview.example.com:8443"],
    ["http://*.localhost:3000", "http://*.localhost:3000"],
    ["https://*.bücher.example", "https://*.xn--bcher-kva.example"],
    ["https://shop.example.com.", "https://shop.example.com."],
    ["capacitor://localhost", "capacitor://localhost"],
    ["ionic://localhost", "ionic://localhost"],
    ["tauri://localhost", "tauri://localhost"],
    ["Capacitor://LocalHost/", "capacitor://localhost"],
    ["http://tauri.localhost", "http://tauri.localhost"],
    ["https://localhost", "https://localhost"],
    ["app://my-app.local:1234", "app://my-app.local:1234"],
    ["chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"],
  ])("takes %s, as browsers send it", (given, taken) => {
    const { settings, warnings } = read(given);
    expect(settings.allowedOrigins).toEqual([taken]);
    expect(warnings).toEqual([]);
  });

  test.each([
    ["*", /name each origin/],
    ["https://*", /name each origin/],
    ["https://*:8443", /name each origin/],
    ["https://*.com", /domain of your own/],
    ["https://*.co.uk", /domain of your own/],
    ["https://*.com.br", /domain of your own/],
    ["https://*.*.example.com", /whole first label/],
    ["https://pre-*.example.com", /whole first label/],
    ["https://*example.com", /whole first label/],
    ["https://shop.*.example.com", /whole first label/],
    ["https://shop.example.*", /whole first label/],
    ["https://**.example.com", /whole first label/],
    ["https://*.example.com/shop", /no path/],
    ["https://.example.com", /empty.*browsers? sends?/],
    ["https://shop..example.com", /empty/],
    ["https://*..example.com", /empty/],
    ["http://.localhost:3000", /empty/],
    ["app://shop..local", /empty/],
    ["capacitor://*", /scheme and host/],
    ["capacitor://*.localhost", /scheme and host/],
    ["capacitor://", /scheme and host/],
    ["capacitor://localhost/index.html", /scheme and host/],
    ["null", /must not be null/],
    ["NULL", /must not be null/],
    ["file://", /must not be null/],
    ["file:///index.html", /must not be null/],
    ["data://x", /scheme and host/],
    ["blob:https://shop.example.com", /scheme and host/],
    ["javascript://x", /scheme and host/],
    ["wss://shop.example.com", /scheme and host/],
    ["ftp://shop.example.com", /scheme and host/],
  ])("refuses %s at the start, and says what to write", (given, words) => {
    expect(refusalOf(`https://shop.example.com,${given}`)).toMatch(words);
  });

  test("a pattern under which strangers have pages too is warned of", () => {
    const { warnings } = read("https://*.vercel.app");
    expect(warnings).toMatchObject([expect.stringMatching(/VAMBE_ALLOWED_ORIGINS.*strangers/)]);
    expect(read("https://my-shop.vercel.app").warnings).toEqual([]);
  });

  test("and is refused where the visitor's cookies are the proof, which a stranger's page could send along", () => {
    const session = { VAMBE_SESSION_URL: "https://shop.example.com/me" };
    expect(refusalOf("https://*.vercel.app", session)).toMatch(/VAMBE_ALLOWED_ORIGINS.*cookies/);
    expect(refusalOf("https://*.example.com", session)).toBe("none");
  });
});
