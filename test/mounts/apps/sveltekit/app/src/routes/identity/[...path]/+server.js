// mount: src/routes/identity/[...path]/+server.ts
import { createExchangeFromEnv } from "vambe-identity";

let exchange;
// `vite build` runs this file too, without settings.
const open = () => (exchange ??= createExchangeFromEnv());
process.once("sveltekit:shutdown", () => exchange?.close());

export const fallback = ({ request, getClientAddress }) =>
  open().fetch(request, { address: getClientAddress() });
// :mount
