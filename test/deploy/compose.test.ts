import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { GRACE_MS } from "../../server/cli/serve.ts";
import { STOP_MS } from "../../server/cli/stop.ts";
import { readEnvironment } from "../../server/settings/environment.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { deployFile } from "./docs-file.ts";
import { milliseconds } from "./unit.ts";

const DEPLOY = fileURLToPath(new URL("../../docs/deploy/", import.meta.url));

interface Service {
  image: string;
  build?: string;
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: string[];
  networks?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  stop_grace_period?: string;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
}

interface Compose {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, null>;
  networks?: Record<string, { internal?: boolean }>;
}

/** What docs/deploy.md puts into `.env` beside the file. */
const DOT_ENV = {
  IDENTITY_HOST: "id.example.com",
  VAMBE_CHANNEL_ID: "a1b2c3d4-e5f6-4890-abcd-ef1234567890",
  VAMBE_ALLOWED_ORIGINS: "https://www.example.com",
};

/** `${NAME}` and `${NAME:?why it is needed}` as Compose fills them in. @throws where one is not in `.env` */
const filledIn = (text: string) =>
  text.replace(/\$\{(\w+)(?::\?([^}]*))?\}/g, (_, name: keyof typeof DOT_ENV, why?: string) => {
    const value = DOT_ENV[name];
    if (value === undefined) throw new Error(`${name} is not in .env: ${why}`);
    return value;
  });

describe.each([
  ["compose.yaml", "Caddyfile", 1],
  ["compose.postgres.yaml", "Caddyfile.instances", 3],
])("%s", (file, caddyfile, count) => {
  const text = deployFile(file);
  const compose: Compose = parse(filledIn(text), { merge: true });
  const services = Object.entries(compose.services);
  const exchanges = services.filter(([name]) => name.startsWith("exchange"));
  const caddy = compose.services.caddy;

  test("has as many exchanges as it says, each with settings that the exchange takes", () => {
    expect(exchanges.length).toBe(count);
    for (const [, { environment = {} }] of exchanges) {
      // In the container each secret is a file.
      using folder = temporaryFolder();
      const inContainer = Object.entries(environment).map(([name, value]) => {
        if (!name.endsWith("_FILE")) return [name, value];
        const secret = value.replace("/run/secrets/", "");
        const at = folder.file(secret);
        writeFileSync(
          at,
          secret === "database-url" ? "postgres://identity:x@postgres/identity" : "3f".repeat(32),
        );
        return [name, at];
      });
      const { settings, warnings } = readEnvironment(Object.fromEntries(inContainer));
      expect(settings).toMatchObject({ publicUrl: "https://id.example.com", trustProxy: 1 });
      expect(settings.identitySecrets.length).toBe(1);
      expect(warnings.filter((warning) => warning.includes("is not a setting"))).toEqual([]);
    }
  });

  test("names no secret, volume, network or service that it does not have, and has none that nobody names", () => {
    const named = (of: (service: Service) => string[]) =>
      [...new Set(services.flatMap(([, service]) => of(service)))].sort();
    const isOfCompose = (volume: string) => !volume.startsWith(".");
    expect(named(({ secrets = [] }) => secrets)).toEqual(Object.keys(compose.secrets).sort());
    expect(
      named(({ volumes = [] }) => volumes.filter(isOfCompose).map((volume) => volume.split(":")[0] ?? "")),
    ).toEqual(Object.keys(compose.volumes).sort());
    expect(named(({ networks = [] }) => networks).filter((name) => name !== "default")).toEqual(
      Object.keys(compose.networks ?? {}).sort(),
    );
    for (const [name, { depends_on = {}, environment = {}, secrets = [] }] of services) {
      for (const other of Object.keys(depends_on))
        expect(compose.services[other]?.healthcheck?.test[0]).toBe("CMD");
      for (const value of Object.values(environment)) {
        const [, secret] = /^\/run\/secrets\/(.*)$/.exec(value) ?? [];
        if (secret !== undefined) expect([name, secrets]).toEqual([name, expect.arrayContaining([secret])]);
      }
    }
  });

  test("leads Caddy to every exchange, with a configuration that reads what it is given", () => {
    expect(caddy?.volumes).toContain(`./${caddyfile}:/etc/caddy/Caddyfile:ro`);
    const { IDENTITY_HOST, ...upstreams } = caddy?.environment ?? {};
    expect(IDENTITY_HOST).toBe("id.example.com");
    expect(Object.values(upstreams).join(" ").split(" ")).toEqual(exchanges.map(([name]) => `${name}:8787`));
    const read = [...deployFile(caddyfile).matchAll(/\{\$(\w+):/g)].map(([, name]) => name);
    expect(read.sort()).toEqual(Object.keys(caddy?.environment ?? {}).sort());
  });

  test("opens no port but Caddy's, and PostgreSQL to nobody outside", () => {
    expect(services.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(["caddy"]);
    const { postgres } = compose.services;
    if (!postgres) return;
    expect(postgres.networks?.map((name) => compose.networks?.[name]?.internal)).toEqual([true]);
  });

  test("gives no container more rights than it needs, and each exchange the time that a stop takes", () => {
    for (const [name, service] of services) {
      expect([name, service.security_opt]).toEqual([name, ["no-new-privileges:true"]]);
      if (name === "postgres") continue;
      expect([name, service]).toEqual([
        name,
        expect.objectContaining({ read_only: true, cap_drop: ["ALL"] }),
      ]);
    }
    for (const [, { stop_grace_period = "", cap_add }] of exchanges) {
      expect(milliseconds(stop_grace_period)).toBeGreaterThanOrEqual(GRACE_MS + STOP_MS);
      expect(cap_add).toBeUndefined();
    }
  });

  test("finds beside it what its first lines name", () => {
    const [, list = ""] =
      /In one folder: this file, ([\s\S]*?)\. docker compose/.exec(text.replace(/\n# /g, " ")) ?? [];
    const beside = list.split(/, | and /);
    expect(beside).toEqual(["Dockerfile", caddyfile, "vambe-identity-0.1.0.tgz", ".env", "secrets/"]);
    for (const name of beside.slice(0, 2)) expect([name, existsSync(DEPLOY + name)]).toEqual([name, true]);
  });

  const withoutDocker = reasonToSkipCompose();
  test.skipIf(withoutDocker)(
    `is understood by Docker${withoutDocker ? ` (skipped: ${withoutDocker})` : ""}`,
    () => {
      using folder = temporaryFolder();
      for (const name of [file, "Dockerfile", caddyfile]) copyFileSync(DEPLOY + name, folder.file(name));
      mkdirSync(folder.file("secrets"));
      for (const name of Object.keys(compose.secrets)) writeFileSync(folder.file(`secrets/${name}`), "x");
      const lines = Object.entries(DOT_ENV).map(([name, value]) => `${name}=${value}\n`);
      writeFileSync(folder.file(".env"), lines.join(""));
      const config = execFileSync("docker", ["compose", "-f", file, "config", "--format", "json"], {
        cwd: folder.path,
        encoding: "utf8",
      });
      expect(Object.keys(JSON.parse(config).services).sort()).toEqual(Object.keys(compose.services).sort());
    },
  );
});

function reasonToSkipCompose(): string | undefined {
  try {
    execFileSync("docker", ["compose", "version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "there is no docker compose here";
  }
}
