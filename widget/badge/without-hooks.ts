/**
 * Stands in for `preact/hooks` in the badge's bundle, which is 800 bytes smaller for it. `@preact/signals` asks
 * for these only where a component uses its hooks or has a signal itself among its children. The badge does
 * neither: it reads `signal.value`.
 */
function missing(): never {
  throw new Error("The badge is built without preact/hooks.");
}

export { missing as useEffect, missing as useMemo, missing as useRef };
