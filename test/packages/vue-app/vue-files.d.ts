declare module "*.vue" {
  import type { DefineComponent } from "vue";

  const component: DefineComponent;
  // biome-ignore lint/style/noDefaultExport: it is what a .vue file has.
  export default component;
}
