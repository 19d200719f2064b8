import adapter from "@sveltejs/adapter-node";

export default {
  kit: {
    adapter: adapter(),
    // mount: svelte.config.js
    csrf: { trustedOrigins: ["*"] },
    // :mount
  },
};
