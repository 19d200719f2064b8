import adapter from "@sveltejs/adapter-node";

export default {
  kit: {
    adapter: adapter(),
    // For POST /token, which servers send: a form without an origin of this site.
    csrf: { trustedOrigins: ["*"] },
  },
};
