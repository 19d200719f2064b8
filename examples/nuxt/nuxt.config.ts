export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  telemetry: false,
  app: { head: { title: "Nuxt", htmlAttrs: { lang: "en" }, link: [{ rel: "icon", href: "data:," }] } },
  // The page belongs to one user: no cache may hand it to another.
  routeRules: { "/": { headers: { "Cache-Control": "private, no-store" } } },
});
