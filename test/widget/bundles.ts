import { createBuilder } from "vite";

/** Builds one of the widget's bundles from the source as it stands, with the project's own settings. */
export async function bundle(
  name: "script" | "badge" | "chat" | "inspector" | "tend" | "gate",
): Promise<string> {
  const builder = await createBuilder({ logLevel: "error", build: { write: false } }, null);
  const environment = builder.environments[name];
  if (!environment) throw new Error(`no bundle called ${name}`);
  environment.config.build.write = false;
  const result = await builder.build(environment);
  const [chunk] = "output" in result ? result.output : [];
  if (chunk?.type !== "chunk") throw new Error(`${name} did not build`);
  return chunk.code;
}
