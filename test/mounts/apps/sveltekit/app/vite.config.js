import { sveltekit } from "@sveltejs/kit/vite";

/** Everything goes into the bundle: what is built runs without any `node_modules`. */
export default { plugins: [sveltekit()], ssr: { noExternal: true } };
