import "@angular/compiler";
import {
  type BootstrapContext,
  bootstrapApplication,
  provideClientHydration,
} from "@angular/platform-browser";
import { provideServerRendering, renderApplication } from "@angular/platform-server";
import { App } from "./app.ts";

const providers = [provideServerRendering(), provideClientHydration()];
const page = await renderApplication(
  (context: BootstrapContext) => bootstrapApplication(App, { providers }, context),
  { document: "<html><head></head><body><shop-app></shop-app></body></html>", url: "/" },
);
console.log(page.match(/<body[^>]*>(.*)<\/body>/s)?.[1]);
