/** What `vite build --app` makes of `page/render.tsx`. */
declare module "#admin-page" {
  export const style: string;
  export const WORDS: Readonly<
    Record<import("../problem-texts/language.ts").Language, import("./page/words/en.ts").Words>
  >;
  export function renderPage(shown: import("./page/view.ts").Shown, script: string): string;
}

/** What `vite build --app` makes of `page/browser.tsx`: see server/build/write-built-in.ts. */
declare module "#admin-script" {
  export const script: import("../build/built-file.ts").BuiltFile;
}
