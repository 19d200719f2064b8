import { PROOF_OPTIONS } from "./proof-options.ts";
import { SERVING_OPTIONS } from "./serving-options.ts";
import { VAMBE_OPTIONS } from "./vambe-options.ts";

/**
 * All options of `createExchange`, in the order of docs/reference/settings.md: each with its check, default, variable, reader and line
 * of documentation. Types, environment, mistakes and that page come from here.
 */
export const OPTIONS = { ...VAMBE_OPTIONS, ...PROOF_OPTIONS, ...SERVING_OPTIONS };
