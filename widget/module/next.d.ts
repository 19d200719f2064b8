/** As much of Next.js as `next-script.ts` uses: the package itself is 340 MB. `examples/next` is checked against it. */
declare module "next/script" {
  const Script: (props: {
    src: string;
    strategy: "beforeInteractive" | "afterInteractive" | "lazyOnload";
    nonce?: string;
    integrity?: string;
    crossOrigin?: "anonymous";
    [data: `data-${string}`]: string;
  }) => null;
  export = Script;
}
