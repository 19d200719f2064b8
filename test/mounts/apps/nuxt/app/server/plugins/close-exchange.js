// mount: server/plugins/close-exchange.ts
import { exchange } from "../exchange";

export default defineNitroPlugin((nitro) => nitro.hooks.hook("close", () => exchange.close()));
// :mount
