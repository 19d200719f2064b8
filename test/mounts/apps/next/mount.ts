import type { Mount } from "../../harness/mount.ts";

const TELEMETRY = { NEXT_TELEMETRY_DISABLED: "1" };
/** With which an exchange could be opened, and must not be at a build. */
const SETTINGS = {
  VAMBE_API_KEY: "key-of-nobody",
  VAMBE_CHANNEL_ID: "a1b2c3d4-e5f6-4890-abcd-ef1234567890",
  VAMBE_ALLOWED_ORIGINS: "https://shop.example.com",
  VAMBE_PUBLIC_URL: "https://shop.example.com/identity",
  VAMBE_ALLOW_UNVERIFIED: "true",
  VAMBE_DATABASE_URL: "file:opened-at-build.db",
};

/** As most have it: built by Turbopack, run by `next start`. */
export const mount: Mount = {
  name: "Next.js",
  folder: import.meta.dirname,
  libraries: "next",
  framework: "next",
  build: [["next", "build"]],
  buildEnvironment: TELEMETRY,
  start: ["next", "start"],
  source: "app/identity/[...path]/route.js",
  know: 'Turbopack, webpack and `output: "standalone"`. Needs nothing in `serverExternalPackages`, and nothing at `next build`: settings and database come with the first request; with settings that are wrong it answers 500, and the log names them. Next.js compresses by itself and drops `Content-Encoding`, so `compress` is `false` here. It knows no address but the one in X-Forwarded-For, which it writes only where the visitor has not: set `VAMBE_TRUST_PROXY` to the number of proxies in front; without one, a visitor can make up his address, and no limit by address holds. There is nothing to close: what is under way at SIGTERM is sent once the next process has its first request, such as a health check of `/identity/readyz`. Next.js ends with code 143. With `trailingSlash: true` each call is redirected once.',
  unknownPath: "exchange",
  hostCompresses: true,
  addressInHeader: true,
  // 128 and the signal's number.
  exitCode: 143,
};

/** As Next.js itself says for containers: the folder that its tracing has put together, somewhere else. */
export const standalone: Mount = {
  ...mount,
  name: "Next.js, standalone",
  buildEnvironment: { ...TELEMETRY, ...SETTINGS, STANDALONE: "yes" },
  alone: ".next/standalone",
  start: ["node", "server.js"],
  know: 'With `output: "standalone"` the exchange is part of the bundle: no file of the package has to be copied.',
};

export const below: Mount = {
  ...mount,
  name: "Next.js, below a path of its own",
  buildEnvironment: { ...TELEMETRY, BASE_PATH: "/store" },
  page: "/store/",
  variants: [{ name: "", environment: { BASE_PATH: "/store" } }],
};

export const webpack: Mount = {
  ...mount,
  name: "Next.js, built by webpack",
  build: [["next", "build", "--webpack"]],
  know: "The same with `next build --webpack`.",
};
