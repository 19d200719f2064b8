/** What `vite build --app` makes: see write-built-in.ts. */
declare module "#built-in" {
  /** Of this package. */
  export const version: string;
  /** Name without its end → one of the widget's files. */
  export const widgetFiles: Readonly<Record<string, import("./built-file.ts").BuiltFile>>;
}
