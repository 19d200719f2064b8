/** A published package with which a site tells somebody else's service who is signed in. */
export interface Peer {
  name: string;
  version: string;
  /** The built file that a script tag would load, or the code of a page that bundles the package. */
  load: { file: string } | { bundle: string };
  /** Whether it fetches the product's own code at run time, which is then not in these bytes. */
  loader: boolean;
  does: string;
}

const USER = "user-abc-123";

/** Exact versions, so that the table says the same until somebody changes them here. */
export const PEERS: Peer[] = [
  {
    name: "@intercom/messenger-js-sdk",
    version: "0.0.20",
    load: {
      bundle: `import Intercom from "@intercom/messenger-js-sdk";
        Intercom({ app_id: "a", user_id: "${USER}", user_hash: "h" });`,
    },
    loader: true,
    does: "starts the Intercom Messenger with a user",
  },
  {
    name: "crisp-sdk-web",
    version: "1.2.1",
    load: {
      bundle: `import { Crisp } from "crisp-sdk-web";
        Crisp.configure("a"); Crisp.user.setEmail("jane@example.com", "signature");`,
    },
    loader: true,
    does: "starts the Crisp chat with a user",
  },
  {
    name: "mixpanel-browser",
    version: "2.83.0",
    load: { file: "dist/mixpanel.min.js" },
    loader: false,
    does: "identify, product analytics, feature flags",
  },
  {
    name: "@segment/analytics-next",
    version: "1.84.3",
    load: { file: "dist/umd/standalone.js" },
    loader: false,
    does: "identify, events, and plug-ins that it fetches for each destination",
  },
  {
    name: "@customerio/cdp-analytics-browser",
    version: "0.5.11",
    load: { file: "dist/umd/standalone.js" },
    loader: false,
    does: "identify, events; messages in the page are fetched",
  },
  {
    name: "@rudderstack/analytics-js",
    version: "3.34.1",
    load: {
      bundle: `import { RudderAnalytics } from "@rudderstack/analytics-js";
        const analytics = new RudderAnalytics(); analytics.load("key", "https://data.example.com");
        analytics.identify("${USER}");`,
    },
    loader: false,
    does: "identify, events, and plug-ins that it fetches for each destination",
  },
  {
    name: "@amplitude/analytics-browser",
    version: "2.48.1",
    load: { file: "lib/scripts/amplitude-min.js" },
    loader: false,
    does: "identify, product analytics, capture of clicks and page views",
  },
  {
    name: "posthog-js",
    version: "1.449.2",
    load: { file: "dist/array.js" },
    loader: false,
    does: "identify, product analytics, feature flags; surveys and recordings are fetched",
  },
];
