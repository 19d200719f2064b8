import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build, type Plugin, type Rolldown } from "vite";
import { type Bytes, bytesOf } from "./bytes.ts";

/** What differs between an app that knows who is signed in and the same one without. */
interface Part {
  imports: string;
  call: string;
  shown: string;
}

const NOTHING: Part = { imports: "", call: "", shown: '"anonymous"' };
const USER = `{ id: "user-abc-123" }`;
const OPTIONS = `{ server: "https://id.example.com" }`;

/** The smallest app of each framework that shows a text. */
const APPS: Record<string, { name: string; part: Part; code(part: Part): string }> = {
  react: {
    name: "React",
    part: hook("react", `const { status } = useVambeIdentity(${USER}, ${OPTIONS});`, "status"),
    code: ({ imports, call, shown }) => `${imports}
      import { createElement } from "react";
      import { createRoot } from "react-dom/client";
      const App = () => { ${call} return createElement("p", null, ${shown}); };
      createRoot(document.body).render(createElement(App));`,
  },
  preact: {
    name: "Preact",
    part: hook("preact", `const { status } = useVambeIdentity(${USER}, ${OPTIONS});`, "status"),
    code: ({ imports, call, shown }) => `${imports}
      import { h, render } from "preact";
      import { useState } from "preact/hooks";
      const App = () => { const [text] = useState("p"); ${call} return h(text, null, ${shown}); };
      render(h(App), document.body);`,
  },
  vue: {
    name: "Vue",
    part: hook("vue", `const { status } = useVambeIdentity(${USER}, ${OPTIONS});`, "status.value"),
    code: ({ imports, call, shown }) => `${imports}
      import { createApp, h } from "vue";
      createApp({ setup() { ${call} return () => h("p", ${shown}); } }).mount(document.body);`,
  },
  svelte: {
    name: "Svelte",
    part: hook("svelte", `const vambe = useVambeIdentity(() => (${USER}), ${OPTIONS});`, "$vambe.status"),
    code: ({ imports, call, shown }) => `<script module>
        import { mount } from "svelte";
        import Self from "./app.svelte";
        ${imports}
        queueMicrotask(() => mount(Self, { target: document.body }));
      </script>
      <script>${call}</script>
      <p>{${shown}}</p>`,
  },
  angular: {
    name: "Angular",
    part: {
      imports: `import { inject } from "@angular/core";
        import { VambeIdentity } from "vambe-identity/angular";`,
      call: `vambe = inject(VambeIdentity);
        constructor() { this.vambe.follow(() => (${USER}), ${OPTIONS}); }`,
      shown: "vambe.status()",
    },
    // Compiled when the page runs, with the compiler in both apps.
    code: ({ imports, call, shown }) => `import "@angular/compiler";
      import { Component } from "@angular/core";
      import { bootstrapApplication } from "@angular/platform-browser";
      ${imports}
      const App = Component({ selector: "body", template: '<p>{{ ${shown} }}</p>' })(class { ${call} });
      bootstrapApplication(App);`,
  },
};

function hook(framework: string, call: string, shown: string): Part {
  return { imports: `import { useVambeIdentity } from "vambe-identity/${framework}";`, call, shown };
}

export interface Added {
  framework: string;
  name: string;
  added: Bytes;
}

/** What the package in `root` adds to the code that an app built with Vite starts with. */
export async function weighApps(root: string): Promise<Added[]> {
  const weighed: Added[] = [];
  for (const [framework, { name, part, code }] of Object.entries(APPS)) {
    const file = `${root}app.${framework === "svelte" ? "svelte" : "js"}`;
    const before = await weigh(root, file, code(NOTHING));
    const after = await weigh(root, file, code(part));
    const added = {
      raw: after.raw - before.raw,
      gzip: after.gzip - before.gzip,
      brotli: after.brotli - before.brotli,
    };
    weighed.push({ framework, name, added });
  }
  return weighed;
}

/** What is loaded when the app starts: the entry, and what it imports. What it may fetch later is not in it. */
async function weigh(root: string, file: string, code: string): Promise<Bytes> {
  const result = await build({
    root,
    configFile: false,
    logLevel: "error",
    plugins: [written(file, code), svelte({ configFile: false })],
    build: { write: false, rolldownOptions: { input: file } },
  });
  const { output } = result as Rolldown.RolldownOutput;
  const chunks = output.filter((part) => part.type === "chunk");
  const loaded = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  for (const name of loaded) {
    for (const next of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) loaded.add(next);
  }
  const weights = chunks
    .filter(({ fileName }) => loaded.has(fileName))
    .map((chunk) => bytesOf(Buffer.from(chunk.code)));
  const sum = (kind: keyof Bytes) => weights.reduce((total, weight) => total + weight[kind], 0);
  return { raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli") };
}

/** A file that is nowhere but here. */
const written = (file: string, code: string): Plugin => ({
  name: "written",
  enforce: "pre",
  resolveId: (id) => (id === file || id === "./app.svelte" ? file : undefined),
  load: (id) => (id === file ? code : undefined),
});
