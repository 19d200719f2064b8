import { exchange } from "../exchange";

export default defineNitroPlugin((nitro) => nitro.hooks.hook("close", () => exchange.close()));
