import "@angular/compiler";
import { bootstrapApplication, provideClientHydration } from "@angular/platform-browser";
import { App } from "./app.ts";

const hydrated = document.querySelector("shop-app")?.hasChildNodes();
bootstrapApplication(App, { providers: hydrated ? [provideClientHydration()] : [] }).catch(console.error);
