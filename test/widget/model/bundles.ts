import { fileURLToPath } from "node:url";
import { build } from "vite";
import { bundle } from "../bundles.ts";

/** A part of the script, as a body of a function that returns the part's `mount`. */
const asBody = (code: string) => code.replace(/export\s*\{\s*(\w+) as mount\s*\};?/, "return $1;");

export type Bundles = Awaited<ReturnType<typeof buildAll>>;

/** The widget as pages get it: the script and its parts, and the module for bundlers in one piece. */
export async function buildAll() {
  const script = (await bundle("script")).replaceAll(/\bimport\(/g, "load(");
  const chat = asBody(await bundle("chat")).replaceAll("import.meta.url", "location.origin");
  const tend = asBody(await bundle("tend"));
  const gate = asBody(await bundle("gate"));
  const result = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL("../../../widget/module/widget.ts", import.meta.url)),
        name: "widget",
        formats: ["iife"],
      },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [built] = Array.isArray(result) ? result : [];
  const [chunk] = built?.output ?? [];
  if (chunk?.type !== "chunk") throw new Error("the module did not build");
  return {
    script,
    chat,
    tend,
    gate,
    module: `${chunk.code.replaceAll("import.meta.url", "location.origin")}\nreturn widget;`,
  };
}
