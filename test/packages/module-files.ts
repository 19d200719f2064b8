import { createBuilder } from "vite";
import { bundle } from "../widget/bundles.ts";

/** What the package has for the browser, as addresses below `base`: modules that need no bundler, badge and chat. */
export async function moduleFiles(bases: string[]): Promise<Record<string, string>> {
  const builder = await createBuilder({ logLevel: "error", build: { write: false } }, null);
  const { modules } = builder.environments;
  if (!modules) throw new Error("there are no modules to build");
  modules.config.build.write = false;
  const result = await builder.build(modules);
  const parts = { badge: await bundle("badge"), chat: await bundle("chat") };
  const files: Record<string, string> = {};
  for (const { output } of [result].flat() as { output: { fileName: string; code?: string }[] }[]) {
    for (const base of bases) {
      for (const { fileName, code = "" } of output) files[`${base}/module/${fileName}`] = code;
      for (const [part, code] of Object.entries(parts))
        files[`${base}/widget/vambe-identity-${part}.js`] = code;
    }
  }
  return files;
}
