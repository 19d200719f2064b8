import type { Tab } from "./tab.ts";

export type EngineName = "Chromium" | "Firefox" | "WebKit";

/** A running browser: one profile with any number of tabs. */
export interface Browser {
  engine: EngineName;
  /** Opens an address in a new tab and waits until the page has loaded. */
  open(address: string): Promise<Tab>;
  close(): Promise<void>;
}

export interface LaunchOptions {
  /** `host:port` of an HTTP proxy that carries everything, what goes to this machine included. */
  proxy?: string;
}

/** A browser engine, as a stock build of it is to be had. */
export interface Engine {
  name: EngineName;
  /** What it takes and is not there on this machine. */
  missing: string | undefined;
  launch(options?: LaunchOptions): Promise<Browser>;
}
