import "@angular/compiler";
import { provideZoneChangeDetection } from "@angular/core";
import { bootstrapApplication, provideClientHydration } from "@angular/platform-browser";
import { App } from "./app.ts";

const hydrated = document.querySelector("shop-app")?.hasChildNodes();
const withZone = location.hash === "#zone";
if (withZone) await import("zone.js");
const app = await bootstrapApplication(App, {
  providers: [hydrated ? provideClientHydration() : [], withZone ? provideZoneChangeDetection() : []],
});
Object.assign(window, { app });
