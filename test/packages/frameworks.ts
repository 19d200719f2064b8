/** An app of the tests: where its source is, what it has installed and what its build needs. */
export interface App {
  folder: string;
  /** Where the lines are that the docs have too. */
  shown: string;
  /** `react=react18`: what this checkout has as `react18`, the app has as `react`. */
  libraries: readonly string[];
  /** What a page has before the app starts (default: `<div id="root"></div>`). */
  shell?: string;
  /** What vite.config.js imports, and the plugin it then has. */
  vite?: readonly [imports: string, plugin: string];
  /** What its compiler is set to, beside what every app has. */
  compiler?: Record<string, unknown>;
}

const ANGULAR = ["common", "compiler", "core", "platform-browser", "platform-server"];

export const FRAMEWORKS = {
  react: {
    folder: "react-app",
    shown: "account.tsx",
    libraries: ["react", "react-dom", "@types/react", "@types/react-dom"],
  },
  /** The types are React 19's: the hook's own name none of React's. */
  react18: {
    folder: "react-app",
    shown: "account.tsx",
    libraries: ["react=react18", "react-dom=react-dom18", "@types/react", "@types/react-dom"],
  },
  preact: {
    folder: "preact-app",
    shown: "account.tsx",
    libraries: ["preact", "preact-render-to-string"],
  },
  /** The compiler checks the scripts of .vue files, not their templates. Vue's server side names Node's types. */
  vue: {
    folder: "vue-app",
    shown: "account.vue",
    libraries: ["vue", "@vitejs/plugin-vue", "@types/node"],
    compiler: { types: ["node"] },
    vite: [`import vue from "@vitejs/plugin-vue";`, "vue()"],
  },
  /** Likewise the scripts of .svelte files. */
  svelte: {
    folder: "svelte-app",
    shown: "account.svelte",
    libraries: ["svelte", "@sveltejs/vite-plugin-svelte"],
    vite: [`import { svelte } from "@sveltejs/vite-plugin-svelte";`, "svelte()"],
    compiler: { types: ["svelte"] },
  },
  /** Templates are compiled when the page runs, so that no compiler of Angular's own is needed here. */
  angular: {
    folder: "angular-app",
    shown: "account.ts",
    libraries: [...ANGULAR.map((name) => `@angular/${name}`), "rxjs", "zone.js"],
    shell: "<shop-app></shop-app>",
    compiler: { experimentalDecorators: true },
  },
  plain: { folder: "plain-app", shown: "identity.ts", libraries: [] },
} satisfies Record<string, App>;

export type Framework = keyof typeof FRAMEWORKS;
