import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { packPackage } from "../packages/packed.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { createPage } from "../support/page.ts";
import { signProof } from "../support/proofs.ts";
import { rawRequest } from "../support/raw-request.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startVambe } from "../support/vambe.ts";
import { freshSettings, ORIGIN } from "../support/world.ts";
import { buildImage, type Image } from "./dockerfile.ts";
import { deployFile } from "./docs-file.ts";
import type { InRoot } from "./root-folder.ts";
import { reasonToSkipRoots } from "./root-folder.ts";

/** Each instruction of docs/deploy/Dockerfile is carried out, and what it makes is run as Docker would, but without it. */

const skipped = reasonToSkipRoots();
const dockerfile = deployFile("Dockerfile");

describe.skipIf(skipped)(skipped ? `the image (skipped: ${skipped})` : "the image", () => {
  const folder = temporaryFolder();
  let image: Image;
  let tarball: string;
  beforeAll(async () => {
    const packed = packPackage();
    mkdirSync(folder.file("context"));
    tarball = basename(packed.tarball);
    copyFileSync(packed.tarball, folder.file(`context/${tarball}`));
    packed[Symbol.dispose]();
    image = await buildImage(dockerfile, folder.file("context"));
  }, 300_000);
  afterAll(() => {
    image?.[Symbol.dispose]();
    folder.remove();
  });

  /** A container with that environment which says at its port that it lives. */
  async function startContainer(environment: Record<string, string>) {
    const port = await freePort();
    const env = { ...environment, PORT: `${port}` };
    const url = `http://127.0.0.1:${port}`;
    const container = image.run(env);
    let ended: unknown;
    void container.ended.then((ending) => {
      ended = ending;
    });
    await eventually(
      "the container is ready",
      async () => {
        if (ended) throw new Error(container.output());
        return (await rawRequest(`${url}/readyz`)).status === 200;
      },
      { withinMs: 60_000 },
    ).catch((error) => {
      container.signal("SIGKILL");
      throw error;
    });
    return { env, page: createPage(url, ORIGIN), container };
  }

  /** The check of compose.yaml: the exit code. */
  async function askAsCompose(port: string): Promise<number | null> {
    const [, ...words]: string[] = parse(deployFile("compose.yaml")).services.exchange.healthcheck.test;
    const { user } = image;
    return (
      await image.root.run(
        words.map((word) => word.replace("8787", port)),
        { ...(user && { user }) },
      )
    ).code;
  }

  /** As the kernel has it. */
  const statusOf = (container: InRoot) => readFileSync(`/proc/${container.pid()}/status`, "utf8");

  test("has the installed package and nothing else", () => {
    expect(readdirSync(image.root.file("/app")).sort()).toEqual([
      "node_modules",
      "package-lock.json",
      "package.json",
    ]);
    expect(readdirSync(image.root.file("/app/node_modules")).filter((name) => !name.startsWith("."))).toEqual(
      ["vambe-identity"],
    );
    expect(image.ports).toEqual([8787]);
  });

  test("serves as another user, without rights, on a file system that cannot be written to, and keeps what it has in its volume", async () => {
    const { apiKey, secret, environment } = freshSettings();
    const { VAMBE_DATABASE_URL: _, ...settings } = environment;
    await using vambe = await startVambe({ apiKey });
    const env = { ...settings, VAMBE_API_URL: vambe.url };

    const first = await startContainer(env);
    expect(statusOf(first.container)).toMatch(/^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
    expect(statusOf(first.container)).toMatch(/^NSpid:\s+\d+\s+1$/m);
    expect(statusOf(first.container)).toMatch(/^CapEff:\s+0+$/m);
    expect(
      (await first.page.identify({ id: "ana" }, signProof(secret, "ana", { name: "Ana Rivera" }))).identity(),
    ).toMatchObject({ status: "delivered" });
    expect(vambe.standIn.contacts().map(({ contact }) => contact.name)).toEqual(["Ana Rivera"]);
    expect(await image.checkHealth(first.env)).toBe(0);
    expect(await askAsCompose(first.env.PORT)).toBe(0);
    first.container.signal("SIGTERM");
    expect(await first.container.ended).toMatchObject({ code: 0, signal: null });
    expect(await image.checkHealth(first.env)).toBe(1);
    expect(await askAsCompose(first.env.PORT)).toBe(1);

    // What waits of a container is there in the next one with the same volume.
    const second = await startContainer(env);
    expect(
      (
        await second.page.identify({ id: "ana" }, signProof(secret, "ana", { name: "Ana Rivera" }))
      ).identity(),
    ).toMatchObject({ status: "unchanged" });
    second.container.signal("SIGTERM");
    expect(await second.container.ended).toMatchObject({ code: 0, signal: null });
  });

  test("can write to its volume and to /tmp, and nowhere else", async () => {
    const write = async (path: string) => {
      const words = ["sh", "-c", `echo x > ${path}/a-file && rm ${path}/a-file`];
      const { user, volumes } = image;
      return (await image.root.run(words, { ...(user && { user }), readOnlyBut: volumes })).code;
    };
    expect([await write("/data"), await write("/tmp")]).toEqual([0, 0]);
    for (const path of ["/app", "/app/node_modules/vambe-identity", "/usr/local/bin", "/etc", "/"])
      expect([path, await write(path)]).not.toEqual([path, 0]);
  });

  test("takes the other commands in place of its own", async () => {
    const { code, output } = await image.run({}, ["--version"]).ended;
    expect([code, `vambe-identity-${output.trim()}.tgz`]).toEqual([0, tarball]);
  });

  test("says what is missing where it has no settings, and ends", async () => {
    const { code, output } = await image.run().ended;
    expect(code).toBe(1);
    expect(output).toMatch(/VAMBE_API_KEY is required[\s\S]*VAMBE_CHANNEL_ID is required/);
  });

  test("an instruction that is not understood is not passed over", async () => {
    const build = (lines: string) =>
      buildImage(`FROM node:${process.versions.node.split(".", 1)[0]}-alpine\n${lines}`, ".");
    await expect(build("ADD https://example.com/x /")).rejects.toThrow("ADD");
    await expect(build("CMD node server.js")).rejects.toThrow("shell");
    await expect(buildImage("FROM node:18-alpine", ".")).rejects.toThrow("node:18-alpine");
  });
});
